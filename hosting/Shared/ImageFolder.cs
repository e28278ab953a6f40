using System.Reflection;

namespace Aspire.Hosting.Shared;

/// <summary>The folders that images are built from.</summary>
internal static class ImageFolder
{
    private const string IntermediateFolderKey = "apphostprojectbaseintermediateoutputpath";
    private const string UsualIntermediateFolder = "obj";

    /// <summary>
    /// The folder for the image of a resource: below the AppHost's folder for what is built. It stays after publishing, because tools such
    /// as azd build the image later.
    /// </summary>
    public static string Of(IDistributedApplicationBuilder application, string resource)
    {
        var written = application.AppHostAssembly?
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(static metadata => metadata.Key == IntermediateFolderKey)?.Value;
        var folder = Path.GetFullPath(written is { Length: > 0 } ? written : UsualIntermediateFolder, application.AppHostDirectory);
        return Path.Join(folder, "publish", resource);
    }
}
