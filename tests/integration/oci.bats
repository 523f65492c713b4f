# OCI images: layouts and archives made here, out of busybox and the probe.
# shellcheck disable=SC2016 # commands for the container's shell
load lib

setup() {
	lib_setup
	needs_lxs
	LAYOUT=$LXCPATH/layout
	mkdir -p "$LAYOUT/blobs/sha256"
	echo '{"imageLayoutVersion":"1.0.0"}' >"$LAYOUT/oci-layout"
	LAYERS='' DIFFS=''
}

# blob FILE: moves it to where its digest says; prints `"digest":...,"size":...`.
blob() {
	local digest size
	digest=$(sha256sum <"$1" | cut -d' ' -f1)
	size=$(stat -c %s "$1")
	mv "$1" "$LAYOUT/blobs/sha256/$digest"
	printf '"digest":"sha256:%s","size":%s' "$digest" "$size"
}

# layer [TAR OPTIONS]: one more layer out of $LXCPATH/layer, which is empty afterwards.
layer() {
	local file=$LXCPATH/layer.tar
	tar -C "$LXCPATH/layer" --sort=name -cf "$file" "$@" .
	layer_file "$file"
	rm -rf "$LXCPATH/layer"
	mkdir "$LXCPATH/layer"
}

layer_file() {
	DIFFS="$DIFFS${DIFFS:+,}\"sha256:$(sha256sum <"$1" | cut -d' ' -f1)\""
	gzip -n "$1"
	LAYERS="$LAYERS${LAYERS:+,}{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",$(blob "$1.gz")}"
}

# image CONFIG [TAG]: config, manifest and index around the layers.
image() {
	local config manifest
	printf '{"architecture":"amd64","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]}}' "$1" "$DIFFS" \
		>"$LXCPATH/config.json"
	config=$(blob "$LXCPATH/config.json")
	printf '{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",%s},"layers":[%s]}' \
		"$config" "$LAYERS" >"$LXCPATH/manifest.json"
	manifest=$(blob "$LXCPATH/manifest.json")
	printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",%s,%s}]}' "$manifest" \
		"\"annotations\":{\"org.opencontainers.image.ref.name\":\"${2:-latest}\"}" >"$LAYOUT/index.json"
}

# The lowest layer: busybox, and accounts.
base_layer() {
	mkdir -p "$LXCPATH/layer"/{bin,etc,usr/share/doc,opt/old}
	cp "$(command -v busybox)" "$LXCPATH/layer/bin/busybox"
	local applet
	for applet in sh echo cat id env pwd ls stat kill sleep; do
		ln -s busybox "$LXCPATH/layer/bin/$applet"
	done
	cp "$LXS_PROBE" "$LXCPATH/layer/bin/probe"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh web:x:33:34:web:/srv:/bin/sh >"$LXCPATH/layer/etc/passwd"
	printf '%s\n' root:x:0: web:x:34: admin:x:77: >"$LXCPATH/layer/etc/group"
	echo one >"$LXCPATH/layer/opt/old/file"
	echo doc >"$LXCPATH/layer/usr/share/doc/text"
	layer --owner=0 --group=0
}

create_oci() {
	run tool create -n "$CT" -t oci -- --url "$@"
	# Without its bridge, which is not here, a start would say so among what is compared.
	[ ! -e "$LXCPATH/$CT/config" ] || sed -i '/^lxc\.net\./d' "$LXCPATH/$CT/config"
}

rootfs() {
	echo "$LXCPATH/$CT/rootfs"
}

config_has() {
	run cat "$LXCPATH/$CT/config"
	assert_has "$@"
}

@test "entrypoint, command, environment, user, directory, signal and labels become config" {
	base_layer
	image '{"Entrypoint":["/bin/sh","-c","echo \"$A|$(id -u):$(id -g)|$(pwd)|$0\""],"Cmd":["it is"],"Env":["A=b c","BARE"],
		"User":"web","WorkingDir":"/srv/www","StopSignal":"USR1","Labels":{"maintainer":"me"},"ExposedPorts":{"80/tcp":{}}}'
	create_oci "oci:$LAYOUT:latest"
	assert_status 0
	config_has 'lxc.environment.runtime = A=b c' 'lxc.init.uid = 33' 'lxc.init.gid = 34' 'lxc.init.cwd = /srv/www' \
		'lxc.signal.halt = SIGUSR1' 'lxs.label = maintainer=me' 'lxs.label = oci.port=80/tcp' \
		"lxc.include = $TOOL_SHARE/config/oci.common.conf"
	run tool execute -n "$CT"
	assert_status 0
	assert_output 'b c|33:34|/srv/www|it is'
	run find "$LXCPATH/$CT" -name '.oci-*' -o -name '.lxs-layer'
	assert_output ''
}

# bats test_tags=user
@test "a user's image: its files are his container's" {
	needs "ids in /etc/subuid" grep -q "^$USER:" /etc/subuid
	base_layer
	mkdir -p "$LXCPATH/layer/etc"
	: >"$LXCPATH/layer/etc/.wh.group"
	layer --owner=0 --group=0
	image '{"Cmd":["/bin/sh","-c","id -u; ls /etc"]}'
	create_oci "oci:$LAYOUT:latest"
	assert_status 0
	[ "$(stat -c %u "$(rootfs)/bin/busybox")" = "$(awk -F: -v u="$USER" '$1 == u { print $2; exit }' /etc/subuid)" ]
	run tool execute -n "$CT"
	assert_has 0 hostname passwd
	assert_lacks group
	run tool destroy -n "$CT"
	assert_status 0
}

@test "layers: files are replaced, whiteouts take away, links of lower layers lead nowhere" {
	base_layer
	mkdir -p "$LXCPATH/layer"/{opt/old,usr/share,etc} "$LXCPATH/outside"
	: >"$LXCPATH/layer/opt/old/.wh..wh..opq"
	echo two >"$LXCPATH/layer/opt/old/new"
	: >"$LXCPATH/layer/usr/share/.wh.doc"
	ln -s "$LXCPATH/outside" "$LXCPATH/layer/trap"
	ln -s /etc "$LXCPATH/layer/usr/dir"
	chmod 0711 "$LXCPATH/layer/opt/old"
	layer --owner=5 --group=6
	mkdir -p "$LXCPATH/layer/trap" "$LXCPATH/layer/usr"
	echo caught >"$LXCPATH/layer/trap/file"
	: >"$LXCPATH/layer/usr/.wh.dir"
	layer --owner=0 --group=0
	image '{"Cmd":["/bin/sh"]}'
	create_oci "oci:$LAYOUT"
	assert_status 0
	run ls -A "$(rootfs)/opt/old" "$(rootfs)/usr" "$(rootfs)/usr/share"
	assert_has new
	assert_lacks file doc dir .wh..wh..opq
	run stat -c '%a %u:%g' "$(rootfs)/opt/old"
	assert_output '711 5:6'
	[ ! -L "$(rootfs)/trap" ] && [ -f "$(rootfs)/trap/file" ]
	run ls -A "$LXCPATH/outside"
	assert_output ''
	[ -f "$(rootfs)/etc/passwd" ]
}

@test "a started image runs as init, and is ended by its stop signal" {
	base_layer
	image '{"Entrypoint":["/bin/sh","-c","trap \"echo stopped; exit\" USR1; echo ready; while :; do sleep 1 & wait; done"],
		"StopSignal":"SIGUSR1"}'
	create_oci "oci:$LAYOUT:latest"
	assert_status 0
	echo "lxc.console.logfile = $LXCPATH/$CT/console.log" >>"$LXCPATH/$CT/config"
	start_probe
	run tool stop -n "$CT" -t 20
	assert_status 0
	run cat "$LXCPATH/$CT/console.log"
	assert_says stopped
}

@test "docker save's archive: by its tag, its layers held against their digests" {
	base_layer
	image '{"Cmd":["/bin/echo","saved"]}'
	local saved=$LXCPATH/saved layer
	mkdir -p "$saved/1"
	layer=$(find "$LAYOUT/blobs/sha256" -type f -size +100k)
	gzip -dc "$layer" >"$saved/1/layer.tar"
	grep -l '"diff_ids"' "$LAYOUT"/blobs/sha256/* | xargs -I '{}' cp '{}' "$saved/config.json"
	echo '[{"Config":"config.json","RepoTags":["web:1"],"Layers":["1/layer.tar"]}]' >"$saved/manifest.json"
	tar -C "$saved" -cf "$LXCPATH/web.tar" .
	create_oci "docker-archive:$LXCPATH/web.tar:web:2"
	assert_status 1
	assert_says "has no image called 'web:2'"
	create_oci "docker-archive:$LXCPATH/web.tar:web:1"
	assert_status 0
	run tool execute -n "$CT"
	assert_output saved
	run tool destroy -n "$CT"
	echo more >>"$saved/1/layer.tar"
	tar -C "$saved" -cf "$LXCPATH/web.tar" .
	create_oci "docker-archive:$LXCPATH/web.tar:web:1"
	assert_status 1
	assert_says "is not what the image says it is"
	[ ! -e "$LXCPATH/$CT" ]
}

@test "what is not what its digest says is refused, and nothing is kept" {
	base_layer
	image '{"Cmd":["/bin/sh"]}'
	local blob
	for blob in "$LAYOUT"/blobs/sha256/*; do
		cp "$blob" "$LXCPATH/kept"
		printf ' ' >>"$blob"
		create_oci "oci:$LAYOUT:latest"
		assert_status 1
		assert_says "is not what the image says it is"
		[ ! -e "$LXCPATH/$CT" ]
		mv "$LXCPATH/kept" "$blob"
	done
	create_oci "oci:$LAYOUT:other"
	assert_status 1
	assert_says "has no image called 'other'"
	create_oci "oci:$LXCPATH/nowhere"
	assert_status 1
	assert_says "cannot open $LXCPATH/nowhere"
	create_oci "busybox"
	assert_status 1
	assert_says "does not say what kind of image it is" "hint: write oci:DIRECTORY:TAG"
}

@test "hostile layers: names that climb, devices of the tree itself, marks for what is outside" {
	base_layer
	local name
	for name in '.wh...' '.wh..' '.wh.' '.lxs-layer' '.wh..lxs-layer'; do
		local layers=$LAYERS diffs=$DIFFS
		mkdir -p "$LXCPATH/layer"
		: >"$LXCPATH/layer/$name"
		layer
		image '{"Cmd":["/bin/sh"]}'
		create_oci "oci:$LAYOUT:latest"
		assert_status 1
		assert_says "which no layer may have"
		[ ! -e "$LXCPATH/$CT" ] && [ -e "$LXCPATH" ]
		LAYERS=$layers DIFFS=$diffs
	done
}

@test "hostile settings: a line break is no new line of the config, an unknown user is refused" {
	base_layer
	image '{"Cmd":["/bin/echo","x"],"Env":["A=1\nlxc.hook.pre-start = /bin/false","B=2"],"Labels":{"a\nlxc.init.uid":"7"},
		"WorkingDir":"/\nlxc.cap.keep = sys_admin","StopSignal":"TERM\nlxc.x = y"}'
	create_oci "oci:$LAYOUT:latest"
	assert_status 0
	assert_says "Not taken from the image: the variable A: has control characters"
	run grep -E 'hook|init.uid|cap.keep|lxc.x' "$LXCPATH/$CT/config"
	assert_output ''
	config_has 'lxc.environment.runtime = B=2'
	run tool destroy -n "$CT"
	image '{"Cmd":["/bin/sh"],"User":"nobody:nothing"}'
	create_oci "oci:$LAYOUT:latest"
	assert_status 1
	assert_says "the image wants to run as the user 'nobody', whom its /etc/passwd does not have"
	[ ! -e "$LXCPATH/$CT" ]
}

@test "registries are skopeo's business: what it is asked, and how it fails" {
	base_layer
	image '{"Cmd":["/bin/echo","fetched"]}' image
	mkdir "$LXCPATH/tools"
	cat >"$LXCPATH/tools/skopeo" <<-END
	#!/bin/bash
	printf '%s\n' "\$@" >>'$LXCPATH/asked'
	while [ \$# -gt 1 ]; do
		[ "\$1" != --src-authfile ] || cat "\$2" >'$LXCPATH/auth'
		shift
	done
	[ ! -e '$LXCPATH/broken' ] || { echo 'unauthorized' >&2; exit 1; }
	layout=\${1#oci:}
	cp -r '$LAYOUT' "\${layout%:image}"
	END
	chmod +x "$LXCPATH/tools/skopeo"
	PATH=$LXCPATH/tools:$PATH
	create_oci docker://registry.example.org/web:1 --username me --password secret
	assert_status 0
	run cat "$LXCPATH/asked"
	assert_has copy docker://registry.example.org/web:1
	assert_silent_about secret
	run cat "$LXCPATH/auth"
	assert_says '"registry.example.org"' "$(printf me:secret | base64)"
	run tool execute -n "$CT"
	assert_output fetched
	: >"$LXCPATH/broken"
	run tool create -n "$CT-2" -t oci -- --url docker://registry.example.org/web:2
	assert_status 1
	assert_says unauthorized "cannot fetch docker://registry.example.org/web:2"
	[ ! -e "$LXCPATH/$CT-2" ]
}
