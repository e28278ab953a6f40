namespace Aspire.Hosting.ApplicationModel;

/// <summary>The names of the commands that resources commonly have.</summary>
public static class KnownResourceCommands
{
    /// <summary>Starts a resource.</summary>
    public static readonly string StartCommand = "start";

    /// <summary>Stops a resource.</summary>
    public static readonly string StopCommand = "stop";

    /// <summary>Stops a resource and starts it again.</summary>
    public static readonly string RestartCommand = "restart";

    /// <summary>Builds a project and restarts it.</summary>
    public static readonly string RebuildCommand = "rebuild";

    /// <summary>Gives a parameter a value.</summary>
    public static readonly string SetParameterCommand = "set-parameter";

    /// <summary>Forgets the stored value of a parameter.</summary>
    public static readonly string DeleteParameterCommand = "delete-parameter";

    /// <summary>Translates a name from before Aspire 13 into today's.</summary>
    internal static string Canonicalize(string commandName) => commandName switch
    {
        "resource-start" => StartCommand,
        "resource-stop" => StopCommand,
        "resource-restart" => RestartCommand,
        _ => commandName,
    };
}
