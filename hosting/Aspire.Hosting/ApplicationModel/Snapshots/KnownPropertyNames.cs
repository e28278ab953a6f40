namespace Aspire.Hosting.ApplicationModel;

/// <summary>Names of snapshot properties, as the Aspire dashboard reads them or as this host adds them.</summary>
internal static class KnownPropertyNames
{
    public const string WaitingFor = "resource.waitingFor";
    public const string ParentName = "resource.parentName";
    public const string AppArguments = "resource.appArgs";
    public const string AppArgumentsSensitivity = "resource.appArgsSensitivity";
    public const string ExecutablePath = "executable.path";
    public const string ExecutableProcessId = "executable.pid";
    public const string ExecutableWorkingDirectory = "executable.workDir";
    public const string ExecutableArguments = "executable.args";
    public const string ExecutableStopSignal = "executable.stopSignal";
    public const string ProjectPath = "project.path";
    public const string ProjectLaunchProfile = "project.launchProfile";
    public const string ParameterValue = "Value";

    /// <summary>Names the property that holds the Unix socket on which a replica serves an endpoint.</summary>
    public static string EndpointUnixSocket(string endpointName) => $"endpoint.{endpointName}.unixSocket";
}
