# Sources of src/container, one a line.

core_sources += src/container/container.c src/container/container.h

core_sources += src/container/attach.c src/container/attach.h src/container/attach-await.c src/container/attach-confine.c src/container/attach-notify.c src/container/attach-relay.c src/container/attach-request.c
core_sources += src/container/partial.c src/container/partial.h
core_sources += src/container/verb_lock.c src/container/verb_lock.h
core_sources += src/container/clean.c src/container/clean.h
core_sources += src/container/check.c
core_sources += src/container/console.c
core_sources += src/container/freeze.c src/container/freeze.h
core_sources += src/container/stop.c
core_sources += src/container/wait.c src/container/watch.h

core_sources += src/container/run.c src/container/run.h src/container/run_plan.c src/container/run_end.c src/container/run_request.c
core_sources += src/container/start.c src/container/ended.c src/container/plan.c src/container/handback.c src/container/handback.h
core_sources += src/container/device.c src/container/device.h src/container/device_node.c src/container/device_node.h src/container/device_record.c src/container/device_record.h src/container/device_rules.c src/container/device_rules.h
core_sources += src/container/addresses.c src/container/addresses.h src/container/addresses_proc.c src/container/addresses_proc.h
core_sources += src/container/info.c src/container/info.h src/container/usage.c
core_sources += src/container/list.c src/container/list_filter.c src/container/list.h
core_sources += src/container/nested.c src/container/nested.h
core_sources += src/container/cgroup.c src/container/cgroup.h
core_sources += src/container/delegate.c src/container/delegate.h
core_sources += src/container/scope.c src/container/scope.h
core_sources += src/container/clock.c src/container/clock.h
core_sources += src/container/unshare.c src/container/unshare.h
core_sources += src/container/inspect.c src/container/inspect.h src/container/inspect_parts.h src/container/inspect_place.c src/container/inspect_process.c src/container/inspect_seccomp.c
