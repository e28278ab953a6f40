using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

/// <summary>What the steps of a pipeline work on.</summary>
/// <param name="model">The application model.</param>
/// <param name="executionContext">Says that the application is published.</param>
/// <param name="serviceProvider">The services of the application.</param>
/// <param name="logger">The log of the pipeline.</param>
/// <param name="cancellationToken">Ends the pipeline.</param>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class PipelineContext(
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext executionContext,
    IServiceProvider serviceProvider,
    ILogger logger,
    CancellationToken cancellationToken)
{
    /// <summary>The application model.</summary>
    public DistributedApplicationModel Model { get; } = model ?? throw new ArgumentNullException(nameof(model));

    /// <summary>Says that the application is published.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext ?? throw new ArgumentNullException(nameof(executionContext));

    /// <summary>The services of the application.</summary>
    public IServiceProvider Services { get; } = serviceProvider ?? throw new ArgumentNullException(nameof(serviceProvider));

    /// <summary>The log of the pipeline.</summary>
    public ILogger Logger { get; } = logger ?? throw new ArgumentNullException(nameof(logger));

    /// <summary>Ends the pipeline.</summary>
    public CancellationToken CancellationToken { get; set; } = cancellationToken;

    /// <summary>What a person reads at the end.</summary>
    public PipelineSummary Summary { get; } = new();
}
