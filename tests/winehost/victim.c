/* victim.exe PORT: something to find and to kill. It listens on 127.0.0.1:PORT, connects to itself,
 * prints its own process id, and stays. */
#include <winsock2.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	WSADATA winsock;
	struct sockaddr_in here = { .sin_family = AF_INET };
	SOCKET listener, client;
	if (argc != 2 || WSAStartup(0x202, &winsock)) return 2;
	here.sin_port = htons(atoi(argv[1]));
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (void *)&here, sizeof here) || listen(listener, 8)) return 1;
	if (connect(client, (void *)&here, sizeof here) || accept(listener, NULL, NULL) == INVALID_SOCKET) return 1;
	printf("%lu\n", GetCurrentProcessId());
	fflush(stdout);
	Sleep(INFINITE);
	return 0;
}
