# Templates beside the first: ubuntu, alpine and sshd.  Package managers are
# stand-ins that record what they were asked; the ssh server is the host's.
# shellcheck disable=SC2016 # scripts that the tests write expand later
load lib

setup() {
	lib_setup
	needs_lxs
	mkdir -p "$LXCPATH/tools"
	PATH=$LXCPATH/tools:$PATH
}

teardown() {
	ip link delete "br${LXCPATH##*.}" 2>/dev/null || :
	lib_teardown
}

rootfs() {
	echo "$LXCPATH/$CT/rootfs"
}

stand_in() {
	cat >"$LXCPATH/tools/$1"
	chmod +x "$LXCPATH/tools/$1"
}

# make TEMPLATE OPTIONS...
make() {
	run tool create -n "$CT" -t "$1" -- --cache "$LXCPATH/cache" "${@:2}"
}

# ---- ubuntu ----

@test "ubuntu: its release, components and config, by the tool's own mirror" {
	stand_in mmdebstrap <<-END
	#!/bin/bash
	printf '%s\n' "\$@" >'$LXCPATH/asked'
	for word; do case \$word in /*.tar.new) out=\$word ;; esac; done
	mkdir -p '$LXCPATH/seed/etc'
	echo 'root:secret:1::::::' >'$LXCPATH/seed/etc/shadow'
	tar -C '$LXCPATH/seed' -cf "\$out" .
	END
	make ubuntu --arch amd64 --include b,a
	assert_status 0
	run cat "$LXCPATH/asked"
	assert_has noble --components=main,universe --arch=amd64 --include=a,b,dbus,iproute2,netbase,systemd-sysv
	assert_silent_about http
	run cat "$LXCPATH/$CT/config"
	assert_has "lxc.include = $TOOL_SHARE/config/ubuntu.common.conf" "lxc.arch = x86_64" "lxc.uts.name = $CT"
	assert_equal "$(cat "$(rootfs)/etc/hostname")" "$CT"
	assert_equal "$(cut -d: -f1-2 "$(rootfs)/etc/shadow")" 'root:*'
}

# ---- alpine ----

fake_apk() {
	mkdir -p "$LXCPATH/keys"
	echo key >"$LXCPATH/keys/one.rsa.pub"
	stand_in apk <<-END
	#!/bin/bash
	printf '%s\n' "\$@" >>'$LXCPATH/asked'
	while [ \$# -gt 0 ]; do
		case \$1 in --root) root=\$2 ;; --repositories-file) cp "\$2" '$LXCPATH/repositories' ;; esac
		shift
	done
	mkdir -p "\$root/etc/init.d" "\$root/sbin"
	: >"\$root/etc/init.d/networking"
	echo 'root:secret:1::::::' >"\$root/etc/shadow"
	ln -s /somewhere "\$root/etc/hostname"
	END
}

@test "alpine: packages, keys, repositories, services, and a cached tree" {
	fake_apk
	make alpine --release v3.20 --arch x86_64 --mirror http://example.org/alpine/ --keys "$LXCPATH/keys" --include openssh
	assert_status 0
	run cat "$LXCPATH/asked"
	assert_has --initdb add alpine-base openssh --keys-dir "$LXCPATH/keys"
	assert_silent_about allow-untrusted
	run cat "$LXCPATH/repositories"
	assert_output $'http://example.org/alpine/v3.20/main\nhttp://example.org/alpine/v3.20/community'
	run cat "$LXCPATH/$CT/config"
	assert_has "lxc.include = $TOOL_SHARE/config/alpine.common.conf" "lxc.arch = x86_64"
	[ ! -L "$(rootfs)/etc/hostname" ]
	assert_equal "$(cat "$(rootfs)/etc/hostname")" "$CT"
	assert_equal "$(readlink "$(rootfs)/etc/runlevels/boot/networking")" /etc/init.d/networking
	[ ! -L "$(rootfs)/etc/runlevels/default/crond" ]
	[ -e "$(rootfs)/etc/apk/keys/one.rsa.pub" ]

	run tool create -n "$CT-2" -t alpine -- --cache "$LXCPATH/cache" --release v3.20 --arch x86_64 \
		--mirror http://example.org/alpine --keys "$LXCPATH/keys" --include openssh
	assert_status 0
	assert_says "Using the tree kept in"
	assert_equal "$(grep -c -- --initdb "$LXCPATH/asked")" 1
}

@test "alpine: without keys, apk or a mirror there is a reason, and no container" {
	fake_apk
	make alpine --mirror http://example.org/alpine --keys "$LXCPATH/nothing"
	assert_status 1
	assert_says "there are no keys in $LXCPATH/nothing"
	if [ ! -e /etc/apk/repositories ]; then
		make alpine --keys "$LXCPATH/keys"
		assert_status 1
		assert_says "Name a --mirror"
	fi
	make alpine --keys "$LXCPATH/keys" --mirror http://example.org/ --apk "$LXCPATH/none"
	assert_status 1
	assert_says "$LXCPATH/none is no program"
	make alpine --keys "$LXCPATH/keys" --mirror http://example.org/ --release '$(touch x)'
	assert_status 1
	assert_says "cannot be meant"
	[ ! -e "$LXCPATH/$CT" ]
}

# ---- sshd ----

logs_in() {
	ssh -F none -i "$LXCPATH/id" -o BatchMode=yes -o ConnectTimeout=5 -o StrictHostKeyChecking=accept-new \
		-o UserKnownHostsFile="$LXCPATH/known" root@10.97.3.2 "$@"
}

@test "sshd: one logs in by key, and sees the host's programs read-only" {
	needs "sshd" test -x /usr/sbin/sshd
	local bridge=br${LXCPATH##*.}
	ip link add "$bridge" type bridge
	ip addr add 10.97.3.1/24 dev "$bridge"
	ip link set "$bridge" up
	ssh-keygen -q -t ed25519 -N '' -f "$LXCPATH/id"
	printf '%s\n' "lxc.net.0.type = veth" "lxc.net.0.link = $bridge" "lxc.net.0.flags = up" >"$LXCPATH/start.conf"
	run tool create -n "$CT" -f "$LXCPATH/start.conf" -t sshd -- --auth-key "$LXCPATH/id.pub" --address 10.97.3.2/24
	assert_status 0
	run tool start -n "$CT"
	assert_status 0
	wait_for 20 "the server of $CT lets us in" logs_in true 2>/dev/null
	run logs_in 'touch /usr/x 2>&1; cat /etc/hostname; id -u'
	assert_says "Read-only file system"
	assert_has "$CT" 0
	run tool stop -n "$CT" -t 20
	assert_status 0
}

@test "sshd: a key that is none, an address without an interface" {
	needs "sshd" test -x /usr/sbin/sshd
	echo nonsense >"$LXCPATH/id"
	run tool create -n "$CT" -t sshd -- --auth-key "$LXCPATH/id"
	assert_status 1
	assert_says "$LXCPATH/id is no file with public keys"
	: >"$LXCPATH/empty.conf"
	run tool create -n "$CT" -f "$LXCPATH/empty.conf" -t sshd -- --address 10.97.3.2/24
	assert_status 1
	assert_says "--address is for lxc.net.0, which the config does not have"
	[ ! -e "$LXCPATH/$CT" ]
}
