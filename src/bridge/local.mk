# Sources of src/bridge, one a line.
core_sources += src/bridge/bridge.c src/bridge/bridge.h
core_sources += src/bridge/conf.c src/bridge/conf.h
core_sources += src/bridge/firewall.c src/bridge/firewall.h
core_sources += src/bridge/link.c src/bridge/link.h
core_sources += src/bridge/server.c src/bridge/server.h
core_sources += src/bridge/shell_lines.c src/bridge/shell_lines.h
core_sources += src/bridge/tool.c src/bridge/tool.h
core_sources += src/bridge/check.c src/bridge/check.h src/bridge/check_ports.c src/bridge/check_firewall.c
