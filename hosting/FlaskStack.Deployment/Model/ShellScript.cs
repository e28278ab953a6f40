using System.Globalization;
using System.Text;

namespace FlaskStack.Deployment.Model;

/// <summary>What the published scripts begin with.</summary>
internal static class ShellScript
{
    /// <summary>The first lines of a script: its purpose, its messages, and <c>run</c>, which only shows commands in a dry run.</summary>
    /// <param name="script">The name of the script.</param>
    /// <param name="arguments">What it takes, for its usage line.</param>
    /// <param name="purpose">What it does, as lines of a comment.</param>
    /// <param name="changes">Whether it changes the server.</param>
    public static StringBuilder Head(string script, string arguments, string[] purpose, bool changes = true)
    {
        var text = new StringBuilder("#!/bin/sh\n")
            .AppendJoin("", purpose.Select(static line => $"# {line}\n"))
            .Append(CultureInfo.InvariantCulture, $$"""
            set -eu
            PATH=$PATH:/usr/sbin:/sbin

            usage() {
                echo "usage: {{script}} {{arguments}}" >&2
                exit 2
            }


            """);
        return changes
            ? text.Append(CultureInfo.InvariantCulture, $$"""
            # Output may fail when the terminal has gone; the work goes on.
            say() {
                echo "$*" || true
            }

            fail() {
                echo "{{script}}: $*" >&2 || true
                exit 1
            }

            # Runs a command; in a dry run only shows it.
            run() {
                if [ -n "$dry_run" ]; then
                    echo "would run: $*"
                else
                    "$@"
                fi
            }

            dry_run=
            if [ "${1:-}" = --dry-run ]; then
                dry_run=yes
                shift
            fi


            """)
            : text;
    }
}
