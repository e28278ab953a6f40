using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Collects the resources of an application and builds it.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>Gets the configuration: settings files, environment and command line.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>Gets the folder that relative paths in the model start from.</summary>
    string AppHostDirectory { get; }

    /// <summary>Gets the assembly that holds the AppHost's build-time metadata, when known.</summary>
    Assembly? AppHostAssembly => null;

    /// <summary>Gets the environment, such as Development.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>Gets the services of the AppHost itself.</summary>
    IServiceCollection Services { get; }

    /// <summary>Gets the events of the application.</summary>
    IDistributedApplicationEventing Eventing { get; }

    /// <summary>Gets whether the AppHost runs or publishes.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>Gets the steps that publish and deploy the application.</summary>
    [Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    IDistributedApplicationPipeline Pipeline { get; }

    /// <summary>Gets the resources added so far.</summary>
    IResourceCollection Resources { get; }

    /// <summary>Adds a resource to the application.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <returns>A builder for the resource.</returns>
    /// <exception cref="DistributedApplicationException">There is a resource of that name already, whatever its case.</exception>
    IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource;

    /// <summary>Makes a builder for a resource without adding it to the application.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <returns>A builder for the resource.</returns>
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource;

    /// <summary>Builds the application. A builder builds once.</summary>
    /// <returns>The application, not started yet.</returns>
    DistributedApplication Build();
}
