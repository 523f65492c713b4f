# Config snippets that containers include.  Files in .in have paths to fill in.
configdir = $(pkgdatadir)/config
commonconfdir = $(configdir)/common.conf.d
usernsconfdir = $(configdir)/userns.conf.d
lxsconfdir = $(sysconfdir)/lxs

conf_made = conf/alpine.common.conf conf/alpine.userns.conf conf/archlinux.common.conf \
	conf/archlinux.userns.conf conf/busybox.common.conf conf/centos.common.conf \
	conf/centos.userns.conf conf/common.conf conf/debian.common.conf conf/debian.userns.conf \
	conf/devuan.common.conf conf/devuan.userns.conf conf/fedora.common.conf \
	conf/fedora.userns.conf conf/gentoo.common.conf conf/gentoo.moresecure.conf \
	conf/gentoo.userns.conf conf/kali.common.conf conf/kali.userns.conf \
	conf/opensuse.common.conf conf/opensuse.userns.conf conf/openwrt.common.conf \
	conf/oracle.common.conf conf/oracle.userns.conf conf/plamo.common.conf \
	conf/plamo.userns.conf conf/sabayon.common.conf conf/sabayon.userns.conf \
	conf/slackware.common.conf conf/slackware.userns.conf conf/sparclinux.common.conf \
	conf/sparclinux.userns.conf conf/ubuntu-cloud.common.conf conf/ubuntu-cloud.lucid.conf \
	conf/ubuntu-cloud.userns.conf conf/ubuntu.common.conf conf/ubuntu.userns.conf \
	conf/userns.conf conf/voidlinux.common.conf conf/voidlinux.userns.conf

nodist_config_DATA = $(conf_made)
dist_config_DATA = conf/common.seccomp conf/nesting.conf conf/oci.common.conf conf/ubuntu.lucid.conf
dist_pkgdata_DATA = conf/apparmor.features
dist_commonconf_DATA = conf/common.conf.d/README
dist_usernsconf_DATA = conf/userns.conf.d/README
EXTRA_DIST += conf/default.conf $(conf_made:=.in)
CLEANFILES += $(conf_made)

fill_paths = sed -e 's|@PKGDATADIR@|$(pkgdatadir)|g' -e 's|@SYSCONFDIR@|$(sysconfdir)|g' \
	-e 's|@LOCALSTATEDIR@|$(localstatedir)|g' -e 's|@BINDIR@|$(bindir)|g' \
	-e 's|@PKGLIBEXECDIR@|$(pkglibexecdir)|g'

$(conf_made): conf/%: conf/%.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && $(fill_paths) $< >$@.tmp && mv $@.tmp $@

# The administrator's file: never replaced once it is there.
install-data-local: install-default-conf
install-default-conf:
	$(MKDIR_P) '$(DESTDIR)$(lxsconfdir)'
	test -e '$(DESTDIR)$(lxsconfdir)/default.conf' || \
		$(INSTALL_DATA) '$(srcdir)/conf/default.conf' '$(DESTDIR)$(lxsconfdir)/default.conf'
uninstall-local: uninstall-default-conf
uninstall-default-conf:
	test ! -e '$(DESTDIR)$(lxsconfdir)/default.conf' || \
		! cmp -s '$(srcdir)/conf/default.conf' '$(DESTDIR)$(lxsconfdir)/default.conf' || \
		rm -f '$(DESTDIR)$(lxsconfdir)/default.conf'
.PHONY: install-default-conf uninstall-default-conf
