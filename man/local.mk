# Manual pages, generated from the tables and the prose beside them: a page is
# two more lines.  Cross builds name an lxs that runs here:
# make DOCS_LXS=/usr/libexec/lxs/lxs-full
DOCS_LXS = $(abs_builddir)/lxs-full$(EXEEXT)
man_pages =
man_pages += man/lxs-attach.1
man_pages += man/lxs-cgdelegate.1
man_pages += man/lxs-cgroup.1
man_pages += man/lxs-clock.1
man_pages += man/lxs-config.1
man_pages += man/lxs-console.1
man_pages += man/lxs-copy.1
man_pages += man/lxs-create.1
man_pages += man/lxs-destroy.1
man_pages += man/lxs-device.1
man_pages += man/lxs-execute.1
man_pages += man/lxs-export.1
man_pages += man/lxs-freeze.1
man_pages += man/lxs-image.1
man_pages += man/lxs-import.1
man_pages += man/lxs-info.1
man_pages += man/lxs-inspect.1
man_pages += man/lxs-ls.1
man_pages += man/lxs-net.1
man_pages += man/lxs-snapshot.1
man_pages += man/lxs-start.1
man_pages += man/lxs-stop.1
man_pages += man/lxs-unfreeze.1
man_pages += man/lxs-unshare.1
man_pages += man/lxs-usernsexec.1
man_pages += man/lxs-wait.1
man_pages += man/lxs.container.conf.5
man_pages += man/lxs.conf.5
man_pages += man/lxs.7
man_MANS = $(man_pages)
dist_man_MANS += man/lxs-usernet.5
EXTRA_DIST += $(man_pages:%=%.in)
CLEANFILES += $(man_pages)

fill_docs = $(MKDIR_P) $(@D) && $(DOCS_LXS) --dump-docs "$(srcdir)/$@.in" >$@.tmp && mv -f $@.tmp $@

$(man_pages): lxs-full$(EXEEXT)
	$(AM_V_GEN)$(fill_docs)
man/lxs-attach.1: man/lxs-attach.1.in
man/lxs-cgdelegate.1: man/lxs-cgdelegate.1.in
man/lxs-cgroup.1: man/lxs-cgroup.1.in
man/lxs-clock.1: man/lxs-clock.1.in
man/lxs-config.1: man/lxs-config.1.in
man/lxs-console.1: man/lxs-console.1.in
man/lxs-copy.1: man/lxs-copy.1.in
man/lxs-create.1: man/lxs-create.1.in
man/lxs-destroy.1: man/lxs-destroy.1.in
man/lxs-device.1: man/lxs-device.1.in
man/lxs-execute.1: man/lxs-execute.1.in
man/lxs-export.1: man/lxs-export.1.in
man/lxs-freeze.1: man/lxs-freeze.1.in
man/lxs-image.1: man/lxs-image.1.in
man/lxs-import.1: man/lxs-import.1.in
man/lxs-info.1: man/lxs-info.1.in
man/lxs-inspect.1: man/lxs-inspect.1.in
man/lxs-ls.1: man/lxs-ls.1.in
man/lxs-net.1: man/lxs-net.1.in
man/lxs-snapshot.1: man/lxs-snapshot.1.in
man/lxs-start.1: man/lxs-start.1.in
man/lxs-stop.1: man/lxs-stop.1.in
man/lxs-unfreeze.1: man/lxs-unfreeze.1.in
man/lxs-unshare.1: man/lxs-unshare.1.in
man/lxs-usernsexec.1: man/lxs-usernsexec.1.in
man/lxs-wait.1: man/lxs-wait.1.in
man/lxs.container.conf.5: man/lxs.container.conf.5.in
man/lxs.conf.5: man/lxs.conf.5.in
man/lxs.7: man/lxs.7.in
