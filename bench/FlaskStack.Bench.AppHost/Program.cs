// What a user of Aspire writes without FlaskStack: replicas behind the orchestrator's proxy.
var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });
var (port, replicas) = (int.Parse(builder.Configuration["Port"]!), int.Parse(builder.Configuration["Replicas"]!));
builder.AddProject<Projects.FlaskStack_TestApi>("api").WithHttpEndpoint(port).WithReplicas(replicas);
builder.Build().Run();
