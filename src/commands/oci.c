/*
 * The template `oci` (templates/lxs-oci): LXC's options; the work is image/'s.
 * Like `download` it is no command of its own.
 */
#include "commands/oci.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/template.h"
#include "image/layers.h"
#include "image/oci-config.h"
#include "image/oci-source.h"
#include "image/substitute.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/rootfs.h"

struct oci {
	struct template_call call;
	const char *url;
	struct oci_credentials credentials;
};

#define TEXT(field) offsetof(struct oci, field), false

static const struct template_option options[] = {
	{ "url", 'u', "URL", "oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker://NAME", TEXT(url) },
	{ "username", 0, "USER", "for the registry", TEXT(credentials.user) },
	{ "password", 0, "PASSWORD", "that goes with it", TEXT(credentials.password) },
	{ NULL, 0, NULL, NULL, 0, false },
};

static const struct template template = {
	"lxs-oci", "a container out of an OCI image", "lxs-create -n NAME -t oci -- --url URL",
	"Registries are asked by skopeo(1), which has to be installed for them.", options,
};

static int check(const struct oci *oci, struct error *err)
{
	if (!oci->url)
		return error_set(err, 0, "which image? Name it with --url; see --help");
	if (oci->credentials.password && !oci->credentials.user)
		return error_set(err, 0, "--password goes with --username");
	return template_check(&oci->call, err);
}

/* What every container needs to be there, and an image of one program may not have. */
static int furnish(const struct oci *oci, const struct oci_image *image, int root, struct error *err)
{
	const char *const directories[] = { "dev/pts", "proc", "sys", "tmp", image->directory };
	owned_arena arena = arena_new();

	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
		owned_fd made = *directories[i] ? rootfs_directory(root, directories[i], 0755) : -1;

		if (*directories[i] && made < 0)
			return error_set(err, -made, "cannot make %s in the image", directories[i]);
	}
	return write_inside(root, "etc/hostname", arena_printf(arena, "%s\n", oci->call.name), err);
}

static int config_append(const struct oci *oci, const struct buffer *lines, struct error *err)
{
	owned_arena arena = arena_new();
	const char *path = arena_printf(arena, "%s/config", oci->call.path);
	owned_buffer text = { 0 };
	owned_str before = NULL;
	size_t length;

	if (file_read(path, &before, &length, err) < 0)
		return -1;
	buffer_puts(&text, before);
	buffer_printf(&text, "\n# An image in OCI's format\nlxc.include = " PKGDATADIR "/config/common.conf\n");
	if (oci->call.mapped_uid)
		buffer_puts(&text, "lxc.include = " PKGDATADIR "/config/userns.conf\n");
	buffer_printf(&text, "lxc.include = " PKGDATADIR "/config/oci.common.conf\nlxc.uts.name = %s\n%s", oci->call.name,
		      lines->text);
	return file_replace(path, text.text, text.length, 0640, err);
}

static int install(const struct oci *oci, struct arena *arena, const struct oci_image *image, const struct identity *identity,
		   struct error *err)
{
	owned_fd root = open(oci->call.rootfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	owned_buffer lines = { 0 }, refused = { 0 };
	unsigned devices;

	if (root < 0)
		return error_set(err, errno, "cannot open %s", oci->call.rootfs);
	if (layers_unpack(arena, image->layers, image->layer_names, root, oci->call.rootfs, &devices, err) < 0 ||
	    furnish(oci, image, root, err) < 0 || oci_config(image, root, &lines, &refused, err) < 0)
		return -1;
	if (devices > 0)
		printf("%u device files were left out, which an ordinary user cannot make\n", devices);
	template_print_refused(buffer_text(&refused));
	identity_caller(identity);
	return config_append(oci, &lines, err);
}

static int run(int argc, char **argv, struct error *err)
{
	owned_oci_source source = OCI_SOURCE_INIT;
	owned_arena arena = arena_new();
	struct identity identity;
	struct oci_image image;
	struct oci oci = { 0 };

	if (template_parse(&template, argc, argv, &oci, &oci.call, err) < 0)
		return -1;
	if (oci.call.help)
		return template_help(&template);
	if (check(&oci, err) < 0 || template_identity(&oci.call, &identity, err) < 0 ||
	    oci_source_open(arena, oci.url, oci.call.path, &oci.credentials, &source, err) < 0 ||
	    oci_read(arena, source.directory, source.shown, source.tag, &image, err) < 0)
		return -1;
	return install(&oci, arena, &image, &identity, err);
}

int oci_main(int argc, char **argv)
{
	return template_main(&template, run, argc, argv);
}
