using System.Runtime.CompilerServices;

namespace FlaskStack.Tests;

/// <summary>Keeps what applications under test write for later in a folder of the test run, removed at its end.</summary>
internal static class StateIsolation
{
    [ModuleInitializer]
    internal static void UseOwnStateFolder()
    {
        var folder = Directory.CreateTempSubdirectory("flaskstack-tests-").FullName;
        Environment.SetEnvironmentVariable("XDG_STATE_HOME", folder);
        // Whoever stops all AppHosts of this user does not mean the tests.
        Environment.SetEnvironmentVariable("Cli__Enabled", "false");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
