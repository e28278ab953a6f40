namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// The guard, for any POSIX shell: it reads <c>add pid ticks</c> and <c>remove pid</c>, and when its input ends ends every group
/// it knows and every process with the run's mark: SIGTERM, a second, SIGKILL. <c>end</c> lets it go without doing anything.
/// </summary>
internal static class GuardScript
{
    /// <summary>The script; its one argument is <see cref="RunIdentity.Mark"/>.</summary>
    public const string Text = """
        trap '' HUP INT QUIT TERM TSTP
        exec >/dev/null 2>&1
        mark=$1
        known=''

        forget() {
            kept=''
            for entry in $known; do
                case $entry in
                    "$1":*) ;;
                    *) kept="$kept $entry" ;;
                esac
            done
            known=$kept
        }

        # Sets state, group and ticks of process $1.
        look() {
            read -r line <"/proc/$1/stat" || return 1
            set -- ${line##*) }
            state=$1 group=$3
            shift 19
            ticks=$1
        }

        # Leaves in leaders the groups whose number is still theirs: a stranger with the leader's number means they are gone.
        check_leaders() {
            leaders=' '
            for entry in $known; do
                if look "${entry%:*}" && [ "$ticks" != "${entry#*:}" ]; then continue; fi
                leaders="$leaders${entry%:*} "
            done
        }

        # Leaves in found the processes to end.
        find_all() {
            found=''
            for folder in /proc/[0-9]*; do
                process=${folder#/proc/}
                look "$process" || continue
                case $state in Z | X) continue ;; esac
                case $leaders in *" $group "*) found="$found $process" ;; esac
            done
            for file in $(grep -lszxF -e "$mark" /proc/[0-9]*/environ); do
                process=${file#/proc/}
                process=${process%/environ}
                if look "$process"; then
                    case $state in Z | X) ;; *) found="$found $process" ;; esac
                fi
            done
        }

        send() {
            for leader in $leaders; do kill -s "$1" -- "-$leader"; done
            find_all
            for process in $found; do kill -s "$1" "$process"; done
        }

        while read -r verb process start; do
            case $verb in
                add) forget "$process"; known="$known $process:$start" ;;
                remove) forget "$process" ;;
                end) exit 0 ;;
            esac
        done

        check_leaders
        send TERM
        for turn in 1 2 3 4 5 6 7 8; do
            [ -n "$found" ] || exit 0
            sleep 0.1
            find_all
        done
        for turn in 1 2 3 4 5; do
            [ -n "$found" ] || exit 0
            send KILL
            sleep 0.05
            find_all
        done
        """;
}
