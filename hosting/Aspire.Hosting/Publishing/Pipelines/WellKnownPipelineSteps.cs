using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>Names of steps that every pipeline has; they hold others together.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public static class WellKnownPipelineSteps
{
    /// <summary>What settles where resources go; runs before any other step that was asked for.</summary>
    public const string BeforeStart = "before-start";

    /// <summary>Refuses compute resources that could go to more than one compute environment.</summary>
    public const string ValidateComputeEnvironments = "validate-compute-environments";

    /// <summary>What has to be done before files are written.</summary>
    public const string PublishPrereq = "publish-prereq";

    /// <summary>Writes the files of every compute environment.</summary>
    public const string Publish = "publish";

    /// <summary>What has to be done before images are built.</summary>
    public const string BuildPrereq = "build-prereq";

    /// <summary>Builds the images.</summary>
    public const string Build = "build";

    /// <summary>What has to be done before anything is deployed.</summary>
    public const string DeployPrereq = "deploy-prereq";

    /// <summary>Deploys to every compute environment.</summary>
    public const string Deploy = "deploy";
}
