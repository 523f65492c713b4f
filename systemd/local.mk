# Units of systemd; one more is one more line.
units_made =
units_made += systemd/lxs-net.service
nodist_systemunit_DATA = $(units_made)
EXTRA_DIST += $(units_made:=.in)
CLEANFILES += $(units_made)

$(units_made): systemd/%: systemd/%.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && $(fill_paths) $< >$@.tmp && mv $@.tmp $@
