namespace Aspire.Hosting.ApplicationModel;

/// <summary>Names of properties that the dashboard and the CLI know.</summary>
public static class CustomResourceKnownProperties
{
    /// <summary>Gets the name of the property that says what a resource is made from: a path, an image or an address.</summary>
    public static string Source { get; } = "resource.source";

    /// <summary>Gets the name of the property that holds a connection string; the value is a secret.</summary>
    public static string ConnectionString { get; } = "resource.connectionString";
}
