# Plays one recipe (recipe.sh of this folder) in a network namespace of its own, and records what passes. Called by recipes.rs.
cd "$1" || exit
ip link set lo up

# How many TCP sockets are in one of these states: 0A listens, 06 has long ended.
sockets() { awk -v states="$1" '$4 ~ states { n++ } END { print n + 0 }' /proc/net/tcp /proc/net/tcp6; }

# Waits until something more listens than before, or what was begun last has ended.
listening=0
until_it_listens() {
    for _ in $(seq 1000); do
        [ "$(sockets '^0A$')" -gt "$listening" ] && break
        kill -0 $! 2>/dev/null || break
        sleep 0.02
    done
    listening=$(sockets '^0A$')
}

mtlscope capture -i lo -Z root -w .capture.pcapng >.capture.out 2>.capture.err &
capture=$!
for _ in $(seq 1000); do
    [ -s .capture.pcapng ] && break
    kill -0 $capture 2>/dev/null || exit 1
    sleep 0.02
done

. ./recipe.sh </dev/null

# What was begun ends its connections by itself; what does not within a moment is recorded as far as it came.
for _ in $(seq 100); do
    [ "$(sockets '^0[^A6]$')" -eq 0 ] && break
    sleep 0.02
done
kill -INT $capture
wait $capture
