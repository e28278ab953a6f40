using System.CommandLine;
using FlaskStack.Bench;

// A stack needs longer to stop than the usual two seconds after Ctrl+C.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) };
return await BenchCommand.Create().Parse(args).InvokeAsync(configuration);
