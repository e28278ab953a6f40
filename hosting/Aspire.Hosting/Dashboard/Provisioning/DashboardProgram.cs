namespace Aspire.Hosting.Dashboard.Provisioning;

/// <summary>The dashboard's program and how it is started.</summary>
/// <param name="FileName">The executable.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Folder">The folder it lies in, where it looks for its pages.</param>
internal sealed record DashboardProgram(string FileName, IReadOnlyList<string> Arguments, string Folder)
{
    private const string DashboardCommand = "dashboard";
    private const string AssemblyExtension = ".dll";

    /// <summary>Aspire's executable, one of whose commands is the dashboard.</summary>
    public static string ManagedName => OperatingSystem.IsWindows() ? "aspire-managed.exe" : "aspire-managed";

    /// <summary>
    /// How to start a file: <c>aspire-managed</c> takes a command, <c>Aspire.Dashboard</c> none, and <c>Aspire.Dashboard.dll</c> a
    /// .NET host.
    /// </summary>
    public static DashboardProgram For(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (path.EndsWith(AssemblyExtension, StringComparison.OrdinalIgnoreCase))
        {
            return new(DotNetHost(), [path], folder);
        }

        var isManaged = string.Equals(Path.GetFileName(path), ManagedName, StringComparison.OrdinalIgnoreCase);
        return new(path, isManaged ? [DashboardCommand] : [], folder);
    }

    private static string DotNetHost()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        return string.Equals(Path.GetFileName(Environment.ProcessPath), name, StringComparison.OrdinalIgnoreCase)
            ? Environment.ProcessPath!
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : name;
    }
}
