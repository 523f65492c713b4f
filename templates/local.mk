# Programs that make a root file system, and the functions they share.
templatesdir = $(pkgdatadir)/templates
functionsdir = $(pkgdatadir)

templates_made =
templates_made += templates/lxs-alpine
templates_made += templates/lxs-busybox
templates_made += templates/lxs-debian
templates_made += templates/lxs-download
templates_made += templates/lxs-local
templates_made += templates/lxs-oci
templates_made += templates/lxs-sshd
templates_made += templates/lxs-ubuntu

functions_made =
functions_made += templates/lxs.functions
functions_made += templates/lxs.apt-family
functions_made += templates/lxs.tree-cache

nodist_templates_SCRIPTS = $(templates_made)
nodist_functions_DATA = $(functions_made)
EXTRA_DIST += $(templates_made:=.in) $(functions_made:=.in)
CLEANFILES += $(templates_made) $(functions_made)

$(templates_made) $(functions_made): templates/%: templates/%.in Makefile
	$(AM_V_GEN)$(MKDIR_P) templates && $(fill_paths) $< >$@.tmp && chmod +x $@.tmp && mv $@.tmp $@

dist_man_MANS = man/lxs-templates.7
