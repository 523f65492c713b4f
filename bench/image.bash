# shellcheck disable=SC2034 # used by the figures
# For the figures of storage: one image like a small distribution's (9,000 files, 150 MB) on a server on
# loopback, and all of it in memory, since a disk would be measured in place of us.
. "$(dirname "$0")/lib.bash"
IN_MEMORY=$BENCH_WORK/memory
LXSPATH=$IN_MEMORY/lxs
LXCPATH=$IN_MEMORY/lxc
TREE=$IN_MEMORY/tree
BATS_FILE_TMPDIR=$IN_MEMORY/server
WEB=$BATS_FILE_TMPDIR/web
IMAGE=$WEB/images/bench/1/amd64/default/20310101_00:00
TESTS_DIR=$(cd "$(dirname "$0")/../tests" && pwd)
unset CURL_CA_BUNDLE SSL_CERT_DIR http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy
export LXC_CACHE_PATH=$IN_MEMORY/cache SSL_CERT_FILE=$BATS_FILE_TMPDIR/authority.pem
. "$TESTS_DIR/integration/images.bash"

# The same in each run: files of many sizes, text that shrinks as programs do.
make_tree() {
	python3 - "$TREE" <<'PYTHON'
import os, random, sys
random.seed(1)
words = [bytes(random.randrange(256) for _ in range(random.randrange(2, 14))) for _ in range(6000)]
pool = b"".join(random.choice(words) for _ in range(400000))
for folder in range(600):
    path = f"{sys.argv[1]}/usr/{'lib' if folder % 3 else 'share'}/package-{folder // 6}/{folder % 6}"
    os.makedirs(path)
    for number in range(15):
        size = int(random.paretovariate(0.9) * 700) if number else int(random.paretovariate(0.9) * 9000)
        start = random.randrange(len(pool) // 2)
        with open(f"{path}/file-{number}", "wb") as out:
            size = min(size, 8000000)
            while size > 0:
                out.write(pool[start:start + size])
                size -= len(pool) - start
                start = 0
PYTHON
	mkdir -p "$TREE"/{bin,dev,etc,proc,sys,tmp,run}
	cp "$BENCH_BUILD/bench/true" "$TREE/bin/true"
	echo image >"$TREE/etc/hostname"
}

# Served until image_down; made once for all figures.
image_up() {
	local meta=$IN_MEMORY/meta
	mkdir -p "$IN_MEMORY"
	mountpoint -q "$IN_MEMORY" || mount -t tmpfs -o mode=755 tmpfs "$IN_MEMORY"
	mkdir -p "$LXSPATH" "$LXCPATH"
	if [ ! -e "$IMAGE/SHA256SUMS" ]; then
		mkdir -p "$IMAGE" "$meta" "$WEB/meta/1.0"
		make_tree
		XZ_OPT="-1 -T0" tar -C "$TREE" --numeric-owner --owner=0 --group=0 -cJf "$IMAGE/rootfs.tar.xz" .
		printf '%s\n' 'lxc.include = LXC_TEMPLATE_CONFIG/common.conf' 'lxc.arch = x86_64' >"$meta/config"
		echo /etc/hostname >"$meta/templates"
		echo 2000000000 >"$meta/expiry"
		sums "$IMAGE" "$meta"
		echo "bench;1;amd64;default;20310101_00:00;${IMAGE#"$WEB"}/" | tee "$WEB/meta/1.0/index-system" >"$WEB/meta/1.0/index-user"
		make_authority "$BATS_FILE_TMPDIR"
		# What LXC's own template has behind a first create.
		mkdir -p "$LXC_CACHE_PATH/download/bench/1/amd64/default"
		cp "$IMAGE/rootfs.tar.xz" "$meta"/* "$LXC_CACHE_PATH/download/bench/1/amd64/default/"
		echo 20310101_00:00 >"$LXC_CACHE_PATH/download/bench/1/amd64/default/build_id"
	fi
	serve https --tls "$BATS_FILE_TMPDIR/server.pem" "$BATS_FILE_TMPDIR/server.key"
	SERVER=https://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/https.port")
	FROM="-t download -- -d bench -r 1 -a amd64"
	trap image_down EXIT
}

image_down() {
	kill "$(cat "$BATS_FILE_TMPDIR/https.pid")" 2>/dev/null || :
	rm -f "$BATS_FILE_TMPDIR"/https.*
}

# The rootfs of a container by each tool, as it is after a create.
containers() {
	local tool
	for tool in lxs lxc; do
		container "$tool" "bench-$tool"
	done
	sed -i "s|^lxc.rootfs.path.*|lxc.rootfs.path = dir:$LXSPATH/bench-lxs/rootfs|" "$LXSPATH/bench-lxs/config"
	sed -i "s|^lxc.rootfs.path.*|lxc.rootfs.path = dir:$LXCPATH/bench-lxc/rootfs|" "$LXCPATH/bench-lxc/config"
}
