import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A PAM module that asks for a password and then for a code. The headers it would include are those of a package for developers. */
const MODULE = `
#include <stdlib.h>
#include <string.h>
struct pam_message { int msg_style; const char *msg; };
struct pam_response { char *resp; int resp_retcode; };
struct pam_conv { int (*conv)(int, const struct pam_message **, struct pam_response **, void *); void *appdata_ptr; };
extern int pam_get_item(const void *pamh, int type, const void **item);
static int asks(void *pamh, const char *question, const char *wanted) {
  const struct pam_conv *conv;
  struct pam_message message = { 1, question };
  const struct pam_message *messages = &message;
  struct pam_response *response = NULL;
  if (pam_get_item(pamh, 5, (const void **)&conv) != 0) return 7;
  if (conv->conv(1, &messages, &response, conv->appdata_ptr) != 0 || !response || !response->resp) return 7;
  int wrong = strcmp(response->resp, wanted) != 0;
  free(response->resp);
  free(response);
  return wrong ? 7 : 0;
}
int pam_sm_authenticate(void *pamh, int flags, int argc, const char **argv) {
  int password = asks(pamh, "Password: ", argv[0]);
  int code = asks(pamh, "One-time code: ", argv[1]);
  return password ? password : code;
}
int pam_sm_setcred(void *pamh, int flags, int argc, const char **argv) { return 0; }
`;

/** A way to log in to an SSH server of its own. */
export interface PamService {
  /** Says how, as a file of /etc/pam.d does. */
  readonly file: string;
  remove(): void;
}

/** Makes it. A C compiler has to be there. */
export function pamService(password: string, code: string): PamService {
  const folder = mkdtempSync(join(tmpdir(), "pam-"));
  const [module, file] = [join(folder, "asks.so"), join(folder, "sshd")];
  writeFileSync(join(folder, "asks.c"), MODULE);
  execFileSync("gcc", ["-shared", "-fPIC", "-o", module, join(folder, "asks.c")]);
  const auth = `auth required ${module} [${password}] ${code}`;
  writeFileSync(file, `${auth}\naccount required pam_permit.so\nsession required pam_permit.so\n`);
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}
