using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

/// <summary>What one step of a pipeline works on.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class PipelineStepContext
{
    /// <summary>The pipeline.</summary>
    public required PipelineContext PipelineContext { get; init; }

    /// <summary>Tells a person how the step goes on.</summary>
    public required IReportingStep ReportingStep { get; init; }

    /// <summary>The application model.</summary>
    public DistributedApplicationModel Model => PipelineContext.Model;

    /// <summary>Says that the application is published.</summary>
    public DistributedApplicationExecutionContext ExecutionContext => PipelineContext.ExecutionContext;

    /// <summary>The services of the application.</summary>
    public IServiceProvider Services => PipelineContext.Services;

    /// <summary>The log of the pipeline.</summary>
    public ILogger Logger => PipelineContext.Logger;

    /// <summary>Ends the pipeline.</summary>
    public CancellationToken CancellationToken => PipelineContext.CancellationToken;

    /// <summary>What a person reads at the end.</summary>
    public PipelineSummary Summary => PipelineContext.Summary;
}
