# Shared by the style checks: finds the sources, collects complaints, and ends
# with status 1 when there was one.  A complaint is FILE:LINE: what; remedy.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 99
export LC_ALL=C
complaints=0

complain() {
	printf '%s\n' "$*"
	complaints=$((complaints + 1))
}

# complain_lines: the same for each line of standard input.
complain_lines() {
	local line
	while IFS= read -r line; do
		complain "$line"
	done
}

clean() {
	[ "$complaints" -eq 0 ]
}

finish() {
	[ "$complaints" -eq 0 ] || echo "$(basename "$0"): $complaints to mend"
	[ "$complaints" -eq 0 ]
	exit
}

c_files() {
	find src -name '*.[ch]' | sort
}

# All scripts of the source tree: by their first line, or by their ending for what is only sourced.
# Build trees (build*, and distcheck's _build and _inst) are somebody else's.
scripts() {
	find . \( -path ./.git -o -path './build*' -o -path './_*' -o -path ./autom4te.cache -o -path './lxs-[0-9]*' \) -prune \
		-o -type f -size -200k ! -name '*.[cho]' ! -name configure ! -name config.status ! -name '*.in' \
		! -name '*~' -print0 |
		xargs -0 awk 'FNR == 1 && (/^#!.*(bash|\/sh|env sh)/ || FILENAME ~ /\.(bash|bats)$/) { print FILENAME } { nextfile }' |
		sed 's|^\./||' | sort -u
}
