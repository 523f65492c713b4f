/*
 * The verbs of lxs-config that judge a file: check reports all there is to
 * say, also what this host cannot give; edit lets the user's editor at a copy
 * and replaces the file only by one that loads.
 */
#include "commands/config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/edit.h"
#include "config/types.h"
#include "host/facts.h"
#include "lib/capability.h"
#include "lib/file.h"
#include "lib/origin.h"
#include "lib/own.h"
#include "lib/proc.h"

/* ---- check ---- */

/* One more finding in the JSON text; what is not known (0, NULL) is null. */
static void json_add(json_t *all, bool is_error, const struct origin *origin, const char *message, const char *hint)
{
	json_t *object = json_object();

	json_object_set_new(object, "severity", json_string(is_error ? "error" : "warning"));
	json_object_set_new(object, "file", origin ? config_json_text(origin->file) : json_null());
	json_object_set_new(object, "line", origin && origin->line ? json_integer(origin->line) : json_null());
	json_object_set_new(object, "message", config_json_text(message));
	json_object_set_new(object, "hint", hint ? config_json_text(hint) : json_null());
	json_array_append_new(all, object);
}

static void tell_findings(json_t *all, const struct findings *findings)
{
	if (!all)
		findings_print(findings, stdout);
	for (size_t i = 0; all && i < findings->count; i++)
		json_add(all, findings->items[i].severity == FINDING_ERROR, findings->items[i].origin,
			 findings->items[i].message, findings->items[i].hint);
}

static void tell_lacking(json_t *all, const struct values *values, const struct host *host)
{
	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->items[i];
		const char *name = capability_name((unsigned)value->number);
		owned_str message = NULL;

		if (host->bounding >> value->number & 1)
			continue;
		if (asprintf(&message, "this host lacks the capability %s itself, so the container will, too",
			     name ? name : value->text) < 0)
			continue;
		if (all)
			json_add(all, false, value->origin, message, NULL);
		else
			printf("%s:%u: warning: %s\n", value->origin->file, value->origin->line, message);
	}
}

/* A capability over a user namespace is none over the clock, which is everybody's. */
static void tell_clock(json_t *all, const struct settings *settings, const char *key)
{
	static const char message[] = "sys_time in a user namespace cannot set the clock";
	static const char hint[] =
		"lxs.clock = owner lets this container set it, where lxs.conf allows that: clock { owner = \"NAME\" }";
	const struct values *values = settings_values(settings, key);

	if (settings_values(settings, "lxc.idmap")->count == 0 || settings_number(settings, "lxs.clock") == CLOCK_OWNER)
		return;
	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->items[i];

		if (value->number != CAP_SYS_TIME)
			continue;
		if (all)
			json_add(all, false, value->origin, message, hint);
		else
			printf("%s:%u: warning: %s\n  hint: %s\n", value->origin->file, value->origin->line, message, hint);
	}
}

/* What is granted or kept by name, and cannot be had here. */
static int check_host(const struct config_call *call, json_t *all, const struct settings *settings, struct error *err)
{
	struct host host;

	if (host_read(call->call->arena, &host, err) < 0)
		return -1;
	tell_lacking(all, settings_values(settings, "lxs.cap.grant"), &host);
	tell_lacking(all, settings_values(settings, "lxc.cap.keep"), &host);
	tell_clock(all, settings, "lxs.cap.grant");
	tell_clock(all, settings, "lxc.cap.keep");
	return 0;
}

/* What the check of a start has told so far: two domains may refuse the same line. */
struct verdict {
	struct arena *arena;
	json_t *all;
	const char *file;
	const char **told;
	size_t count;
	bool refused;
};

static bool is_told(struct verdict *verdict, const struct error *finding)
{
	const char *text = arena_printf(verdict->arena, "%s\n%s", finding->message, finding->asked ? finding->asked : "");

	for (size_t i = 0; i < verdict->count; i++)
		if (strcmp(verdict->told[i], text) == 0)
			return true;
	verdict->told = arena_append(verdict->arena, verdict->told, &verdict->count, sizeof *verdict->told);
	verdict->told[verdict->count - 1] = text;
	return false;
}

static void tell(struct verdict *verdict, const struct error *finding, bool is_error)
{
	const char *label = is_error ? "error: " : "warning: ";
	const struct origin place = { .file = finding->file ? finding->file : verdict->file, .line = finding->line };

	if (is_told(verdict, finding))
		return;
	if (verdict->all)
		json_add(verdict->all, is_error, &place, finding->message + strlen(label), finding->hint);
	else
		error_print(finding, stdout, verdict->file, NULL);
}

static void tell_refusal(struct error *refusal, void *context)
{
	struct verdict *verdict = context;

	verdict->refused = true;
	error_add(refusal, "error: this cannot start");
	tell(verdict, refusal, true);
}

static void tell_warning(const struct error *warning, void *context)
{
	tell(context, warning, false);
}

/* What loads may still not start. */
static int check_start(const struct config_call *call, json_t *all, struct container *container)
{
	static char init[] = "/sbin/init";
	static char *const any[] = { init, NULL };
	struct verdict verdict = { .arena = call->call->arena, .all = all, .file = call->file };
	const struct start_options options = {
		/* A file of no container may be one to include: what to run comes from elsewhere. */
		.command = call->name ? NULL : any,
		.refuse = tell_refusal, .refuse_context = &verdict,
		.warn = tell_warning, .warn_context = &verdict,
	};
	owned_error err = ERROR_INIT;

	if (container_check(container, &options, &err) < 0)
		tell_refusal(&err, &verdict);
	return verdict.refused ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int check_all(struct config_call *call, json_t *all, struct container *container, struct error *err)
{
	struct findings findings = { 0 };
	int answer = settings_read(container->settings, call->file, &findings, err);

	tell_findings(all, &findings);
	if (answer < 0) {
		error_done(err);
		return EXIT_FAILURE;
	}
	return check_host(call, all, container->settings, err) < 0 ? -1 : check_start(call, all, container);
}

int config_check(struct config_call *call, struct error *err)
{
	json_t *all = call->json ? json_array() : NULL;
	owned_container container = { 0 };
	int answer;

	/* A file without a container is checked as that of one called "check". */
	if (container_init(call->lxcpath ? call->lxcpath : "/", call->name ? call->name : "check", &container, err) < 0)
		return -1;
	container.settings = settings_new();
	answer = check_all(call, all, &container, err);
	if (all && config_json_print(all, err) < 0)
		return -1;
	return answer;
}

/* ---- edit ---- */

static const char *editor(void)
{
	const char *visual = getenv("VISUAL"), *plain = getenv("EDITOR");

	return visual && *visual ? visual : plain && *plain ? plain : "vi";
}

/* $EDITOR may hold options, so a shell cuts it; the file is an argument of its own. */
static int call_editor(struct arena *arena, const char *path, struct error *err)
{
	char shell[] = "/bin/sh", option[] = "-c", zero[] = "sh";
	char *arguments[] = { shell, option, arena_printf(arena, "%s \"$1\"", editor()), zero, arena_strdup(arena, path),
			      NULL };
	pid_t pid = proc_start(arguments, NULL, -1);
	int status = pid < 0 ? pid : proc_wait(pid);
	char text[64];

	if (status < 0)
		return error_set(err, -status, "cannot call %s", editor());
	if (status != 0)
		return error_set(err, 0, "%s %s; nothing was changed", editor(),
				 proc_status_text(status, text, sizeof text));
	return 0;
}

static int write_copy(const char *path, const char *text, size_t length, struct error *err)
{
	owned_fd fd = -1;

	/* Made by mkstemp beforehand so that nobody else can read what is being edited. */
	fd = open(path, O_WRONLY | O_CLOEXEC | O_TRUNC);
	if (fd < 0 || write(fd, text, length) != (ssize_t)length)
		return error_set(err, errno, "cannot write %s", path);
	return 0;
}

static int edit_copy(struct config_call *call, const char *copy, bool *keep, struct error *err)
{
	owned_str before = NULL;
	owned_str after = NULL;
	size_t length;

	if (file_read(call->file, &before, &length, err) < 0 || write_copy(copy, before, length, err) < 0 ||
	    call_editor(call->call->arena, copy, err) < 0 || file_read(copy, &after, &length, err) < 0)
		return -1;
	if (strcmp(before, after) == 0)
		return EXIT_SUCCESS;
	if (edit_check(call->file, after, err) == 0 && edit_replace(call->file, before, after, err) == 0)
		return EXIT_SUCCESS;
	*keep = true;
	return error_add(err, "your text is not in force: it is in %s", copy);
}

int config_edit(struct config_call *call, struct error *err)
{
	char *copy = arena_printf(call->call->arena, "%s.edit.XXXXXX", call->file);
	owned_fd fd = mkostemp(copy, O_CLOEXEC);
	bool keep = false;
	int answer;

	if (fd < 0)
		return error_set(err, errno, "cannot create a file beside %s", call->file);
	answer = edit_copy(call, copy, &keep, err);
	if (!keep)
		unlink(copy);
	return answer;
}
