using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>What the AppHost is asked to publish, from the configuration section <c>Pipeline</c>.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public class PipelineOptions
{
    /// <summary>The folder to write to, or for a manifest a <c>.json</c> file (<c>--output-path</c>). Default: <c>aspire-output</c> in the AppHost's folder.</summary>
    public string? OutputPath { get; set; }

    /// <summary>The step to run, after all that it needs (<c>--step</c>). Default: <c>publish</c>.</summary>
    public string? Step { get; set; }

    /// <summary>The least level of the lines of steps that are told (<c>--log-level</c>), such as <c>debug</c>. Default: <c>information</c>.</summary>
    public string? LogLevel { get; set; }
}
