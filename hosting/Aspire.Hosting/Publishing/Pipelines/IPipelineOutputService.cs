using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Pipelines;

/// <summary>
/// Says where the steps of a pipeline write. While they publish, the folder is a new one beside <c>--output-path</c>: it takes that
/// place when all of it is written, and is gone when a step fails.
/// </summary>
[Experimental("ASPIREPIPELINES004", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IPipelineOutputService
{
    /// <summary>Gets the folder to write to; it exists, and is on the same level as the one that was asked for.</summary>
    /// <exception cref="DistributedApplicationException">The folder that was asked for is not empty, is a file, or cannot be written.</exception>
    string GetOutputDirectory();

    /// <summary>Gets the folder of one resource below <see cref="GetOutputDirectory()"/>; it need not exist.</summary>
    /// <param name="resource">The resource.</param>
    /// <exception cref="DistributedApplicationException">The folder that was asked for is not empty, is a file, or cannot be written.</exception>
    string GetOutputDirectory(IResource resource);

    /// <summary>Gets a folder for what is needed only while the pipeline runs.</summary>
    string GetTempDirectory();

    /// <summary>Gets the folder of one resource below <see cref="GetTempDirectory()"/>; it need not exist.</summary>
    /// <param name="resource">The resource.</param>
    string GetTempDirectory(IResource resource);
}
