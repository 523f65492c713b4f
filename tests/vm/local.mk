# What the kernel at hand may lack: integration tests in a virtual machine; run by ./check.
# Which files run there is in tests/vm/list, what its Debian is made of in tests/vm/packages; one line each.
EXTRA_DIST += tests/vm/build-image tests/vm/run tests/vm/list tests/vm/packages
EXTRA_DIST += tests/vm/guest/init tests/vm/guest/boot tests/vm/guest/lxs-tests.service
