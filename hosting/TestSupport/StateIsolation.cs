using System.Runtime.CompilerServices;

namespace TestSupport;

/// <summary>Gives applications under test a folder of the run, removed at its end, and no watches of files.</summary>
internal static class StateIsolation
{
    private const string Prefix = "flaskstack-tests-";
    private const string Variable = "XDG_STATE_HOME";

    [ModuleInitializer]
    internal static void UseOwnStateFolder()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Contains(Prefix, StringComparison.Ordinal) == true)
        {
            // By another test assembly of this process.
            return;
        }

        var folder = Directory.CreateTempSubdirectory(Prefix).FullName;
        Environment.SetEnvironmentVariable(Variable, folder);
        // Whoever stops all AppHosts of this user does not mean the tests.
        Environment.SetEnvironmentVariable("Cli__Enabled", "false");
        // Each builder would watch its appsettings.json until it is collected, and a user has 128 watches (inotify instances).
        Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
