# Measurements, run by bench/run.  Floor and true are static programs of the ordinary compiler: one
# pays for nothing of its own, the other runs in a rootfs that has no libraries.
bench_programs = bench/floor bench/timer bench/true
EXTRA_PROGRAMS = $(bench_programs)
bench_floor_SOURCES = bench/floor.c
bench_floor_CFLAGS = $(AM_CFLAGS)
bench_floor_LDFLAGS = -static
bench_floor_LDADD =
bench_true_SOURCES = bench/true.c
bench_true_CFLAGS = $(AM_CFLAGS)
bench_true_LDFLAGS = -static
bench_true_LDADD =
bench_timer_SOURCES = bench/timer.c
bench_timer_LDADD =
EXTRA_DIST += bench/run bench/lib.bash bench/image.bash bench/plot \
	bench/execute bench/start bench/user bench/mapped bench/start-veth bench/stop-veth bench/attach bench/info bench/ls bench/memory \
	bench/create bench/unpack bench/copy bench/destroy
CLEANFILES += $(bench_programs)
