using System.Xml;
using System.Xml.Linq;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Deployment.Model;

/// <summary>What the file of a project says about its release.</summary>
/// <param name="File">The full path of the project file.</param>
/// <param name="AssemblyName">The name of the executable.</param>
/// <param name="IsNative">Whether it is published as native code (<c>PublishAot</c>).</param>
internal sealed record PublishedProject(string File, string AssemblyName, bool IsNative)
{
    /// <exception cref="DistributedApplicationException">The project file cannot be read.</exception>
    public static PublishedProject Read(ProjectResource project)
    {
        var file = project.GetProjectMetadata().ProjectPath;
        try
        {
            var document = XDocument.Load(file);
            return new PublishedProject(
                file,
                Property(document, "AssemblyName") ?? Path.GetFileNameWithoutExtension(file),
                string.Equals(Property(document, "PublishAot"), "true", StringComparison.OrdinalIgnoreCase));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or XmlException)
        {
            throw new DistributedApplicationException(
                $"Project '{project.Name}' cannot be published: '{file}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>A property without a condition, which the build would have to work out.</summary>
    private static string? Property(XDocument document, string name) => document.Descendants()
        .LastOrDefault(element => element.Name.LocalName == name
            && element.Parent?.Name.LocalName == "PropertyGroup" && element.Attribute("Condition") is null)
        ?.Value.Trim();
}
