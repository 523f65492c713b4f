# Completions for bash, generated from the tables.
completiondir = $(datadir)/bash-completion/completions
completion_DATA = completion/lxs
EXTRA_DIST += completion/lxs.in
CLEANFILES += completion/lxs

completion/lxs: completion/lxs.in lxs-full$(EXEEXT)
	$(AM_V_GEN)$(fill_docs)

# bash looks for a file named like the command that is typed.
install-data-hook:
	for name in $(command_names); do $(LN_S) -f lxs "$(DESTDIR)$(completiondir)/lxs-$$name" || exit 1; done
uninstall-local: uninstall-completion
uninstall-completion:
	for name in $(command_names); do rm -f "$(DESTDIR)$(completiondir)/lxs-$$name"; done
.PHONY: uninstall-completion
