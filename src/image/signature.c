/*
 * Signatures by gpgv (image/signature.h).  Apart because it decides by the
 * machine-readable lines of gpgv's status output, never by its prose.
 */
#include "image/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/tool.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"

/* A file in memory that a child can open by the returned path of /proc. */
static int hold(const char *bytes, size_t length, int *fd)
{
	owned_fd file = memfd_create("lxs-signature", MFD_CLOEXEC);

	if (file < 0 || write(file, bytes, length) != (ssize_t)length)
		return -1;
	*fd = steal_fd(&file);
	return 0;
}

/* "8A 7F..." and "0x8a7f..." are the same fingerprint as "8A7F...". */
static void plain_fingerprint(const char *written, char *out, size_t size)
{
	size_t length = 0;

	written += text_starts(written, "0x") ? 2 : 0;
	for (; *written && length + 1 < size; written++)
		if (*written != ' ' && *written != ':')
			out[length++] = *written;
	out[length] = '\0';
}

/*
 * "[GNUPG:] VALIDSIG KEY ... PRIMARY": the key that signed, and at the end
 * the primary key it belongs to.
 */
static bool signer_is(const char *status, const char *fingerprint)
{
	char wanted[80], line[512], *first, *last;
	const char *valid = strstr(status, "[GNUPG:] VALIDSIG ");

	if (!valid)
		return false;
	if (!fingerprint)
		return true;
	plain_fingerprint(fingerprint, wanted, sizeof wanted);
	snprintf(line, sizeof line, "%.*s", (int)strcspn(valid, "\n"), valid);
	first = line + strlen("[GNUPG:] VALIDSIG ");
	last = strrchr(line, ' ') + 1;
	return strcasecmp(last, wanted) == 0 ||
	       (strlen(wanted) == strcspn(first, " ") && strncasecmp(first, wanted, strlen(wanted)) == 0);
}

static int refuse(const struct remote *remote, const char *status, const char *shown, struct error *err)
{
	if (strstr(status, "[GNUPG:] NO_PUBKEY"))
		error_set(err, 0, "refused %s: it is signed by a key that is not in %s", shown, remote->keyring);
	else if (strstr(status, "[GNUPG:] BADSIG"))
		error_set(err, 0, "refused %s: its signature does not fit: it was changed", shown);
	else if (strstr(status, "[GNUPG:] EXPKEYSIG") || strstr(status, "[GNUPG:] REVKEYSIG"))
		error_set(err, 0, "refused %s: the key that signed it has expired or was revoked", shown);
	else if (strstr(status, "[GNUPG:] VALIDSIG"))
		error_set(err, 0, "refused %s: it is signed by another key than %s", shown, remote->fingerprint);
	else
		error_set(err, 0, "refused %s: it has no signature that can be checked", shown);
	return error_hint(err, "keyring and fingerprint stand in lxs.conf at remote '%s'", remote->name);
}

int signature_check(const struct remote *remote, const char *text, const char *signature, size_t length,
		    const char *shown, struct error *err)
{
	owned_arena arena = arena_new();
	const char *gpgv = tool_need(arena, "gpgv", "checks signatures", err);
	owned_fd data = -1, sign = -1;
	struct proc_tail tail;
	char data_path[64], sign_path[64];
	char *argv[] = { (char *)gpgv, (char *)"--quiet", (char *)"--status-fd", (char *)"1", (char *)"--keyring",
			 (char *)remote->keyring, sign_path, data_path, NULL };
	int status;

	if (!gpgv)
		return -1;
	if (access(remote->keyring, R_OK) < 0) {
		error_set(err, errno, "cannot read the keyring %s", remote->keyring);
		return error_hint(err, "it stands in lxs.conf at remote '%s'", remote->name);
	}
	if (hold(text, strlen(text), &data) < 0 || hold(signature, length, &sign) < 0)
		return error_set(err, errno, "cannot hold %s in memory", shown);
	snprintf(data_path, sizeof data_path, "/proc/%d/fd/%d", getpid(), data);
	snprintf(sign_path, sizeof sign_path, "/proc/%d/fd/%d", getpid(), sign);
	status = proc_capture(argv, NULL, &tail);
	if (status < 0)
		return error_set(err, -status, "cannot run %s", gpgv);
	if (status == 0 && signer_is(tail.bytes, remote->fingerprint))
		return 0;
	return refuse(remote, tail.bytes, shown, err);
}
