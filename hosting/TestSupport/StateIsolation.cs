using System.Runtime.CompilerServices;

namespace TestSupport;

/// <summary>Keeps what applications under test write for later in a folder of the test run, removed at its end.</summary>
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
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
