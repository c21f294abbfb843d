# To be sourced, with $out a folder: how these scripts tell what holds.

passed=0 failed=0
check() { # a sentence, and the command that makes it true
    local sentence=$1 begun=$SECONDS
    shift
    if "$@" >"$out/last.log" 2>&1; then
        passed=$((passed + 1))
        echo "ok: $sentence ($((SECONDS - begun)) s)"
    else
        failed=$((failed + 1))
        echo "NOT OK: $sentence ($((SECONDS - begun)) s)"
        tail -n 25 "$out/last.log" | cut -c 1-300 | sed 's/^/    /'
    fi
}
is_not() { ! "$@"; }
all_checked() { # 1 if any failed
    rm -f "$out/last.log"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
