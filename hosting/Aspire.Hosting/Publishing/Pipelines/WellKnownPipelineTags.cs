using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>Tags by which steps of one kind are found.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public static class WellKnownPipelineTags
{
    /// <summary>Builds the image of a compute resource.</summary>
    public const string BuildCompute = "build-compute";

    /// <summary>Deploys a compute resource.</summary>
    public const string DeployCompute = "deploy-compute";
}
