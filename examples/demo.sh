#!/bin/sh
# The main job on a recorded host: from a line of a router's flow cache to the process behind it.
# Needs hostprobe on the PATH; no network and no rights.
set -eu
cd "$(dirname "$0")/recorded"

run() {
    printf '\n$'
    printf ' %s' "$@"
    printf '\n'
    "$@"
}

echo "A router saw host 10.1.50.81 exchange 467 packets with a web server that nobody knows."
echo "Ports are in hex there: 0050 is 80, 055D is 1373."
run cat flow.txt

echo
echo "Which process of that host is it? These are the answers that the host gave:"
run hostprobe connections --from ws081.raw --remote 203.0.113.17 --remote-port 80

echo
echo "What else does that process do, and what does it cost?"
run hostprobe connections --from ws081.raw --pid 3968 --format jsonl --columns local_port,process,services
run hostprobe processes --from ws081-pslist.txt --sort -cpu_time_s --columns name,pid,cpu_time_s,elapsed_s

echo
echo "Whom would a kill end? This plan is what hostprobe shows before it asks for a yes:"
run python ../kill_plan.py 3968 ws081.raw

echo
echo "On the live host the last step is:  hostprobe kill 10.1.50.81 --pid 3968 --expect ctfmon.exe"
