namespace FlaskStack.Deployment.Systemd;

/// <summary>What the scripts of a server have in common.</summary>
internal static class ScriptParts
{
    /// <summary>The oldest systemd whose settings are all known to the units.</summary>
    public const int OldestSystemd = 250;

    /// <summary>Lets only root go on, and one script at a time. A dry run changes nothing, and needs neither.</summary>
    public static string RootAlone(ServerApplication application) => $$"""
        if [ -z "$dry_run" ]; then
            [ "$(id -u)" = 0 ] || fail "only root can do this: sudo $0"
            exec 9> /run/{{application.Name}}.lock
            flock -n 9 || fail "another script of {{application.Name}} is running: wait until it has ended."
            # A lost connection does not end the work halfway.
            trap '' HUP
        fi


        """;
}
