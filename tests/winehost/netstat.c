/* netstat.exe: what `netstat -ano` prints on Windows, for Wine's own knows no -o. The rows and their
 * process ids are real: they come from GetExtendedTcpTable and GetExtendedUdpTable. */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>

#define LISTENING 2
#define TEXT_SIZE 80

static const char *states[] = {
	"", "CLOSED", "LISTENING", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2",
	"CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT", "DELETE_TCB"
};

static const char *v4(char *text, DWORD address, DWORD port)
{
	const unsigned char *b = (const unsigned char *)&address;
	snprintf(text, TEXT_SIZE, "%u.%u.%u.%u:%u", b[0], b[1], b[2], b[3], ntohs((u_short)port));
	return text;
}

static const char *v6(char *text, const UCHAR *address, DWORD zone, DWORD port)
{
	char plain[64];
	inet_ntop(AF_INET6, (void *)address, plain, sizeof plain);
	if (zone) snprintf(text, TEXT_SIZE, "[%s%%%lu]:%u", plain, zone, ntohs((u_short)port));
	else snprintf(text, TEXT_SIZE, "[%s]:%u", plain, ntohs((u_short)port));
	return text;
}

static void row(const char *protocol, const char *local, const char *remote, const char *state, DWORD pid)
{
	printf("  %-6s %-22s %-22s %-15s %lu\n", protocol, local, remote, state, pid);
}

static const char *state_name(DWORD state)
{
	return state < sizeof states / sizeof *states ? states[state] : "";
}

/* The table, or one without rows where the call fails. */
static void *table(int tcp, int family)
{
	DWORD size = 1 << 22;
	void *rows = calloc(1, size);
	DWORD failed = tcp
		? GetExtendedTcpTable(rows, &size, TRUE, family, TCP_TABLE_OWNER_PID_ALL, 0)
		: GetExtendedUdpTable(rows, &size, TRUE, family, UDP_TABLE_OWNER_PID, 0);
	return failed ? calloc(1, 64) : rows;
}

static void tcp_rows(void)
{
	char local[TEXT_SIZE], remote[TEXT_SIZE];
	MIB_TCPTABLE_OWNER_PID *four = table(1, AF_INET);
	MIB_TCP6TABLE_OWNER_PID *six = table(1, AF_INET6);
	for (DWORD i = 0; i < four->dwNumEntries; i++) {
		MIB_TCPROW_OWNER_PID *r = &four->table[i];
		DWORD port = r->dwState == LISTENING ? 0 : r->dwRemotePort;
		row("TCP", v4(local, r->dwLocalAddr, r->dwLocalPort), v4(remote, r->dwRemoteAddr, port), state_name(r->dwState), r->dwOwningPid);
	}
	for (DWORD i = 0; i < six->dwNumEntries; i++) {
		MIB_TCP6ROW_OWNER_PID *r = &six->table[i];
		DWORD port = r->dwState == LISTENING ? 0 : r->dwRemotePort;
		row("TCP", v6(local, r->ucLocalAddr, r->dwLocalScopeId, r->dwLocalPort), v6(remote, r->ucRemoteAddr, r->dwRemoteScopeId, port), state_name(r->dwState), r->dwOwningPid);
	}
}

static void udp_rows(void)
{
	char local[TEXT_SIZE];
	MIB_UDPTABLE_OWNER_PID *four = table(0, AF_INET);
	MIB_UDP6TABLE_OWNER_PID *six = table(0, AF_INET6);
	for (DWORD i = 0; i < four->dwNumEntries; i++)
		row("UDP", v4(local, four->table[i].dwLocalAddr, four->table[i].dwLocalPort), "*:*", "", four->table[i].dwOwningPid);
	for (DWORD i = 0; i < six->dwNumEntries; i++)
		row("UDP", v6(local, six->table[i].ucLocalAddr, six->table[i].dwLocalScopeId, six->table[i].dwLocalPort), "*:*", "", six->table[i].dwOwningPid);
}

int main(void)
{
	WSADATA winsock;
	if (WSAStartup(0x202, &winsock)) return 1;
	puts("\nActive Connections\n");
	puts("  Proto  Local Address          Foreign Address        State           PID");
	tcp_rows();
	udp_rows();
	return 0;
}
