namespace Aspire.Hosting.Systemd.Rendering;

/// <summary>What the scripts have in common.</summary>
internal static class ShellText
{
    /// <summary>The first lines: what the script does, and that root runs it.</summary>
    public static string Head(string purpose) => $$"""
        #!/bin/sh
        # {{purpose}}
        set -eu

        if [ "$(id -u)" != 0 ]; then
            echo "Run it as root." >&2
            exit 1
        fi


        """;
}
