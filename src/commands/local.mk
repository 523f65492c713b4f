# Sources of src/commands, one a line.
core_sources += \
	src/commands/command.c src/commands/command.h \
	src/commands/options.c src/commands/options.h \
	src/commands/help.c src/commands/help.h \
	src/commands/define.c src/commands/define.h \
	src/commands/table.c src/commands/commands.h \
	src/commands/attach.c \
	src/commands/create.c \
	src/commands/destroy.c \
	src/commands/execute.c \
	src/commands/console.c \
	src/commands/freeze.c \
	src/commands/info.c \
	src/commands/ls.c \
	src/commands/stop.c \
	src/commands/wait.c \
	src/commands/start.c

include src/commands/names.mk
EXTRA_DIST += src/commands/names.mk

# Every command is a link to the one program; configure --enable-lxc-names adds LXC's names.
install-exec-hook: $(setuid_hook)
	for name in $(command_names); do $(LN_S) -f lxs$(EXEEXT) "$(DESTDIR)$(bindir)/lxs-$$name" || exit 1; done
if LXC_NAMES
	for name in $(command_names); do $(LN_S) -f lxs$(EXEEXT) "$(DESTDIR)$(bindir)/lxc-$$name" || exit 1; done
endif

uninstall-hook:
	for name in $(command_names); do rm -f "$(DESTDIR)$(bindir)/lxs-$$name" "$(DESTDIR)$(bindir)/lxc-$$name"; done

core_sources += src/commands/ended.c
core_sources += src/commands/device.c
core_sources += src/commands/config.c src/commands/config.h src/commands/config-show.c src/commands/config-check.c
core_sources += src/commands/docs.c src/commands/docs.h src/commands/docs-keys.c
core_sources += src/commands/net.c src/commands/net-json.c src/commands/net.h
core_sources += src/commands/cgdelegate.c src/commands/cgroup.c
core_sources += src/commands/info-json.c src/commands/ls-json.c src/commands/json.h
core_sources += src/commands/clock.c
core_sources += src/commands/lists.c src/commands/lists.h src/commands/unshare.c src/commands/usernsexec.c
core_sources += src/commands/image.c
core_sources += src/commands/download.c src/commands/download.h
core_sources += src/commands/copy.c src/commands/copy.h src/commands/copy-ephemeral.c src/commands/specs.c src/commands/specs.h
core_sources += src/commands/snapshot.c
core_sources += src/commands/export.c src/commands/import.c
core_sources += src/commands/inspect.c
core_sources += src/commands/local.c src/commands/local.h
core_sources += src/commands/oci.c src/commands/oci.h
core_sources += src/commands/template.c src/commands/template.h
