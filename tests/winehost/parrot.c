/* parrot.exe: says what C:\bed\parrot.txt holds, whatever it was asked. It stands in for a program
 * of the host (as tasklist.exe) that floods, lies or hangs.
 *
 * The file's first line is "TIMES SECONDS": how often the rest is said, and how long the parrot
 * then stays. */
#include <windows.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>

static char text[1 << 20];

int main(void)
{
	unsigned long times, seconds;
	size_t size;
	FILE *file = fopen("C:\\bed\\parrot.txt", "rb");
	if (!file || !fgets(text, 64, file) || sscanf(text, "%lu %lu", &times, &seconds) != 2) return 2;
	size = fread(text, 1, sizeof text, file);
	fclose(file);
	_setmode(_fileno(stdout), _O_BINARY);
	while (times--)
		if (fwrite(text, 1, size, stdout) != size) return 1;
	fflush(stdout);
	Sleep(seconds * 1000);
	return 0;
}
