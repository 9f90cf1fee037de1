/* bridge.exe PORT: lets a Samba outside of Wine open the named pipes inside of it.
 *
 * Each connection to 127.0.0.1:PORT begins with one line, the pipe's name; the answer is 'y' when it
 * is open, 'n' when there is none. Then both sides speak Samba's named-pipe handshake: a request (u32
 * big-endian length, body with the level at offset 4) and a reply; after it messages, each behind a
 * u16 little-endian length.
 *
 * A line that begins with '!' sets how PAExec's pipes behave, and is answered with "ok":
 *   !wait MS    a pipe that is not there yet is waited for so long (2000 by default: no start races;
 *               0 is what Windows does)
 *   !refuse N   the next N opens are answered "not found", as if the pipes came late
 */
#include <winsock2.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_MESSAGE 65535

static volatile LONG wait_ms = 2000, refuse = 0;

struct relay { SOCKET socket; HANDLE pipe; };

static int receive(SOCKET s, void *buffer, int size)
{
	for (int got = 0, n; got < size; got += n)
		if ((n = recv(s, (char *)buffer + got, size - got, 0)) <= 0) return 0;
	return 1;
}

static int transmit(SOCKET s, const void *buffer, int size)
{
	for (int sent = 0, n; sent < size; sent += n)
		if ((n = send(s, (const char *)buffer + sent, size - sent, 0)) <= 0) return 0;
	return 1;
}

static int receive_line(SOCKET s, char *line, int size)
{
	int n = 0;
	while (n < size - 1 && receive(s, line + n, 1) && line[n] != '\n') n++;
	line[n] = 0;
	return n;
}

/* Overlapped, because one handle serves a reader and a writer at the same time. */
static int pipe_io(HANDLE pipe, int writing, void *buffer, DWORD size, DWORD *done, HANDLE event)
{
	OVERLAPPED io = { .hEvent = event };
	BOOL now = writing ? WriteFile(pipe, buffer, size, NULL, &io) : ReadFile(pipe, buffer, size, NULL, &io);
	if (!now && GetLastError() != ERROR_IO_PENDING && GetLastError() != ERROR_MORE_DATA) return 0;
	return GetOverlappedResult(pipe, &io, done, TRUE) || GetLastError() == ERROR_MORE_DATA;
}

static DWORD WINAPI pipe_to_socket(void *argument)
{
	struct relay *r = argument;
	char *message = malloc(2 + MAX_MESSAGE);
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
	DWORD n;
	while (pipe_io(r->pipe, 0, message + 2, MAX_MESSAGE, &n, event)) {
		if (!n) continue;
		*(u_short *)message = n;
		if (!transmit(r->socket, message, 2 + n)) break;
	}
	if (GetLastError() != ERROR_ACCESS_DENIED) shutdown(r->socket, SD_BOTH); /* else it is only written to */
	CloseHandle(event);
	free(message);
	return 0;
}

static void socket_to_pipe(struct relay *r)
{
	char *message = malloc(MAX_MESSAGE);
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
	u_short size;
	DWORD n;
	while (receive(r->socket, &size, 2) && receive(r->socket, message, size))
		if (!pipe_io(r->pipe, 1, message, size, &n, event)) break;
	CloseHandle(event);
	free(message);
}

/* A pipe may be open to one side only: ask for both, then for reading, then for writing. */
static HANDLE open_once(const char *path)
{
	static const DWORD access[] = { GENERIC_READ | GENERIC_WRITE, GENERIC_READ | FILE_WRITE_ATTRIBUTES, GENERIC_WRITE | FILE_READ_ATTRIBUTES };
	HANDLE pipe = INVALID_HANDLE_VALUE;
	for (int i = 0; i < 3; i++) {
		pipe = CreateFileA(path, access[i], 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IMPERSONATION, NULL);
		if (pipe != INVALID_HANDLE_VALUE || GetLastError() != ERROR_ACCESS_DENIED) break;
	}
	return pipe;
}

static HANDLE open_pipe(const char *name)
{
	char path[300];
	int remote = !_strnicmp(name, "paexec", 6) || !_strnicmp(name, "remcom", 6);
	DWORD start = GetTickCount();
	snprintf(path, sizeof path, "\\\\.\\pipe\\%s", name);
	if (remote && refuse > 0 && InterlockedDecrement(&refuse) >= 0) return INVALID_HANDLE_VALUE;
	for (;;) {
		HANDLE pipe = open_once(path);
		DWORD mode = PIPE_READMODE_MESSAGE;
		if (pipe != INVALID_HANDLE_VALUE) { SetNamedPipeHandleState(pipe, &mode, NULL, NULL); return pipe; }
		if (!(remote || GetLastError() == ERROR_PIPE_BUSY)) return pipe;
		if (GetTickCount() - start >= (DWORD)wait_ms) return pipe;
		Sleep(10);
	}
}

static int handshake(SOCKET s, DWORD *level)
{
	unsigned char size[4];
	char *body;
	DWORD n;
	int ok;
	if (!receive(s, size, 4)) return 0;
	n = size[0] << 24 | size[1] << 16 | size[2] << 8 | size[3];
	if (n < 8 || n > 1 << 20 || !(body = malloc(n))) return 0;
	if ((ok = receive(s, body, n))) *level = *(DWORD *)(body + 4);
	free(body);
	return ok;
}

static int reply(SOCKET s, DWORD level)
{
	#pragma pack(push, 1)
	struct {
		u_long size; char magic[4]; DWORD level, branch; u_short file_type, device_state;
		DWORD padding; ULONGLONG allocation; DWORD status;
	} r = { htonl(sizeof r - 4), "NPAM", level, level, 2 /* a message pipe */, 0x05FF, 0, 4096, 0 };
	#pragma pack(pop)
	return transmit(s, &r, sizeof r);
}

static void control(SOCKET s, const char *line)
{
	LONG value = 0;
	char word[16] = "";
	int known = sscanf(line, "!%15s %ld", word, &value) == 2;
	if (known && !strcmp(word, "wait")) InterlockedExchange(&wait_ms, value);
	else if (known && !strcmp(word, "refuse")) InterlockedExchange(&refuse, value);
	else known = 0;
	transmit(s, known ? "ok\n" : "??\n", 3);
}

static void relay(struct relay *r)
{
	HANDLE reader;
	DWORD level;
	if (!handshake(r->socket, &level) || !reply(r->socket, level)) return;
	reader = CreateThread(NULL, 0, pipe_to_socket, r, 0, NULL);
	socket_to_pipe(r);
	shutdown(r->socket, SD_BOTH);
	do CancelIoEx(r->pipe, NULL); while (WaitForSingleObject(reader, 20) == WAIT_TIMEOUT);
	CloseHandle(reader);
}

static void serve_pipe(SOCKET s, const char *name)
{
	struct relay r = { s, open_pipe(name) };
	if (r.pipe == INVALID_HANDLE_VALUE) { transmit(s, "n", 1); return; }
	if (transmit(s, "y", 1)) relay(&r);
	CloseHandle(r.pipe);
}

static DWORD WINAPI serve(void *argument)
{
	SOCKET s = (SOCKET)argument;
	char line[256];
	if (receive_line(s, line, sizeof line)) {
		if (*line == '!') control(s, line); else serve_pipe(s, line);
	}
	closesocket(s);
	return 0;
}

int main(int argc, char **argv)
{
	WSADATA winsock;
	SOCKET listener, s;
	int one = 1;
	struct sockaddr_in here = { .sin_family = AF_INET };
	if (argc != 2 || WSAStartup(0x202, &winsock)) return 2;
	here.sin_port = htons(atoi(argv[1]));
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (void *)&here, sizeof here) || listen(listener, 64)) return 1;
	while ((s = accept(listener, NULL, NULL)) != INVALID_SOCKET) {
		setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (char *)&one, sizeof one);
		CloseHandle(CreateThread(NULL, 0, serve, (void *)s, 0, NULL));
	}
	return 0;
}
