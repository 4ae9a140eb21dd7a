using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

/// <summary>A call in the module to a method of another assembly.</summary>
/// <param name="From">The type, with those it is in, and the method that makes it.</param>
/// <param name="Type">The type of the method that is called.</param>
/// <param name="Method">Its name.</param>
internal sealed record ModuleCall(string From, string Type, string Method);

/// <summary>What the module calls, as its code says.</summary>
internal static class ModuleCalls
{
    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    public static IReadOnlyList<ModuleCall> All()
    {
        using var file = new PEReader(File.OpenRead(typeof(VirtCommand).Assembly.Location));
        MetadataReader reader = file.GetMetadataReader();
        var calls = new List<ModuleCall>();
        foreach (TypeDefinition type in reader.TypeDefinitions.Select(reader.GetTypeDefinition))
        {
            foreach (MethodDefinition method in type.GetMethods().Select(reader.GetMethodDefinition).Where(one => one.RelativeVirtualAddress != 0))
            {
                string from = $"{NameOf(reader, type)}.{reader.GetString(method.Name)}";
                foreach (MemberReference called in Called(file.GetMethodBody(method.RelativeVirtualAddress).GetILReader(), reader))
                {
                    if (called.Parent.Kind == HandleKind.TypeReference)
                        calls.Add(new(from, reader.GetString(reader.GetTypeReference((TypeReferenceHandle)called.Parent).Name), reader.GetString(called.Name)));
                }
            }
        }

        return calls;
    }

    private static string NameOf(MetadataReader reader, TypeDefinition type) => type.GetDeclaringType() is { IsNil: false } outer
        ? $"{NameOf(reader, reader.GetTypeDefinition(outer))}+{reader.GetString(type.Name)}"
        : reader.GetString(type.Name);

    private static List<MemberReference> Called(BlobReader code, MetadataReader reader)
    {
        var called = new List<MemberReference>();
        while (code.RemainingBytes > 0)
        {
            short value = code.ReadByte();
            if (value == 0xFE)
                value = (short)(0xFE00 | code.ReadByte());
            switch (Codes[value].OperandType)
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    code.ReadByte();
                    break;
                case OperandType.InlineVar:
                    code.ReadInt16();
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    code.ReadInt64();
                    break;
                case OperandType.InlineSwitch:
                    int targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
                case OperandType.InlineMethod:
                    EntityHandle handle = MetadataTokens.EntityHandle(code.ReadInt32());
                    if (handle.Kind == HandleKind.MemberReference)
                        called.Add(reader.GetMemberReference((MemberReferenceHandle)handle));
                    break;
                default:
                    code.ReadInt32();
                    break;
            }
        }

        return called;
    }
}
