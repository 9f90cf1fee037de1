/* Preloaded into smbd, for the two things that it cannot do by itself:
 *
 * 1. A named pipe that Samba does not serve goes to bridge.exe. Samba connects to a Unix socket
 *    named after the pipe; here that socket becomes a connection to 127.0.0.1:$BRIDGE_PORT, with
 *    the pipe's name sent first, and Samba hears ENOENT when the bridge finds no such pipe.
 * 2. FSCTL_PIPE_WAIT, which Samba does not know, succeeds at once: the bridge does the waiting.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FSCTL_PIPE_WAIT 0x110018

struct tevent_req;
struct tevent_context;
void _tevent_req_done(struct tevent_req *, const char *);
struct tevent_req *tevent_req_post(struct tevent_req *, struct tevent_context *);

typedef struct tevent_req *ioctl_fn(uint32_t, struct tevent_context *, struct tevent_req *, void *);
typedef int connect_fn(int, const struct sockaddr *, socklen_t);

struct tevent_req *smb2_ioctl_named_pipe(uint32_t code, struct tevent_context *events, struct tevent_req *request, void *state)
{
	ioctl_fn *real = (ioctl_fn *)dlsym(RTLD_NEXT, "smb2_ioctl_named_pipe");
	if (code != FSCTL_PIPE_WAIT) return real(code, events, request, state);
	_tevent_req_done(request, "pipe_wait");
	return tevent_req_post(request, events);
}

/* The pipe's name, when the socket is that of a pipe which belongs to Wine. */
static const char *wine_pipe(const struct sockaddr *address)
{
	static const char *samba_serves[] = { "srvsvc", "wkssvc", "lsarpc", "samr", "netlogon", "epmapper", "lsass" };
	const char *name;
	if (address->sa_family != AF_UNIX) return NULL;
	if (!(name = strstr(((const struct sockaddr_un *)address)->sun_path, "/np/"))) return NULL;
	name += strlen("/np/");
	for (size_t i = 0; i < sizeof samba_serves / sizeof *samba_serves; i++)
		if (!strcmp(name, samba_serves[i])) return NULL;
	return name;
}

/* Whether the bridge has opened the pipe; errno says why not. */
static int is_open(int tcp, const char *name)
{
	char answer = 0;
	if (dprintf(tcp, "%s\n", name) < 0 || recv(tcp, &answer, 1, MSG_WAITALL) != 1) return 0;
	errno = ENOENT;
	return answer == 'y';
}

/* Samba keeps its descriptor and that one's flags; what lies behind it is exchanged. */
static int bridge(int fd, const char *name, connect_fn *real)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, result = -1, saved;
	const char *port = getenv("BRIDGE_PORT");
	if (tcp < 0) return -1;
	address.sin_port = htons(port ? atoi(port) : 0);
	setsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (!real(tcp, (void *)&address, sizeof address)
	    && is_open(tcp, name)
	    && !fcntl(tcp, F_SETFL, fcntl(fd, F_GETFL))
	    && dup3(tcp, fd, O_CLOEXEC) >= 0)
		result = 0;
	saved = errno;
	close(tcp);
	errno = saved;
	return result;
}

int connect(int fd, const struct sockaddr *address, socklen_t size)
{
	connect_fn *real = (connect_fn *)dlsym(RTLD_NEXT, "connect");
	const char *name = wine_pipe(address);
	return name ? bridge(fd, name, real) : real(fd, address, size);
}
