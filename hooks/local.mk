# Programs that configs name in lxc.hook.*.
hooksdir = $(pkgdatadir)/hooks
dist_hooks_SCRIPTS = hooks/ubuntu-cloud-prep
