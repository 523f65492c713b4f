# The program that gives interfaces to users: setuid root where the admin wants
# that (configure --enable-setuid-user-nic, or chmod u+s), a plain program elsewhere.
pkglibexec_PROGRAMS += lxs-user-nic
lxs_user_nic_SOURCES = \
	src/usernic/main.c src/usernic/usernic.h \
	src/usernic/book.c \
	src/usernic/caller.c \
	src/usernic/pair.c
lxs_user_nic_LDADD = libcore.a $(LIBMNL_LIBS)

# Run by the hook of src/commands/local.mk.
if SETUID_USER_NIC
setuid_hook = install-setuid
endif
install-setuid:
	chown 0:0 "$(DESTDIR)$(pkglibexecdir)/lxs-user-nic"
	chmod 4755 "$(DESTDIR)$(pkglibexecdir)/lxs-user-nic"
